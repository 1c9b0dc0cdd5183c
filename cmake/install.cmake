# Header-only, hence the same on every architecture: all of it goes to include/ and share/.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(ctbus_config_dir ${CMAKE_INSTALL_DATADIR}/cmake/ctbus)
set(ctbus_pc_dir ${CMAKE_INSTALL_DATADIR}/pkgconfig)

install(TARGETS ctbus EXPORT ctbus-targets FILE_SET HEADERS)
install(EXPORT ctbus-targets NAMESPACE ctbus:: DESTINATION ${ctbus_config_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/ctbus-config-version.cmake
    COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
    ${CMAKE_CURRENT_LIST_DIR}/ctbus-config.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/ctbus-config-version.cmake
    DESTINATION ${ctbus_config_dir})

# Found from where the .pc file lies, so that the installed tree can be moved.
if(IS_ABSOLUTE ${CMAKE_INSTALL_INCLUDEDIR} OR IS_ABSOLUTE ${ctbus_pc_dir})
    set(ctbus_pc_includedir ${CMAKE_INSTALL_FULL_INCLUDEDIR})
else()
    file(RELATIVE_PATH ctbus_pc_includedir /${ctbus_pc_dir} /${CMAKE_INSTALL_INCLUDEDIR})
    string(PREPEND ctbus_pc_includedir "\${pcfiledir}/")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/ctbus.pc.in ctbus.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ctbus.pc DESTINATION ${ctbus_pc_dir})
