# Libraries with event loops, for the tests and the examples: ctbus_glib, ctbus_asio,
# ctbus_boost_asio and ctbus_qt, each only where it is installed. ctbus itself needs none of them.
pkg_check_modules(CTBUS_GLIB QUIET IMPORTED_TARGET glib-2.0)
if(CTBUS_GLIB_FOUND)
    add_library(ctbus_glib INTERFACE)
    target_link_libraries(ctbus_glib INTERFACE PkgConfig::CTBUS_GLIB)
endif()

find_path(CTBUS_ASIO_INCLUDE_DIR asio/io_context.hpp)
find_path(CTBUS_BOOST_ASIO_INCLUDE_DIR boost/asio/io_context.hpp)
mark_as_advanced(CTBUS_ASIO_INCLUDE_DIR CTBUS_BOOST_ASIO_INCLUDE_DIR)
foreach(library IN ITEMS asio boost_asio)
    string(TOUPPER CTBUS_${library}_INCLUDE_DIR directory)
    if(${directory})
        add_library(ctbus_${library} INTERFACE)
        target_include_directories(ctbus_${library} SYSTEM INTERFACE ${${directory}})
        target_link_libraries(ctbus_${library} INTERFACE Threads::Threads)
    endif()
endforeach()
if(TARGET ctbus_boost_asio)
    # Boost 1.74 does not see it, and takes std::result_of, which libc++ removes with C++20.
    target_compile_definitions(ctbus_boost_asio INTERFACE BOOST_ASIO_HAS_STD_INVOKE_RESULT)
endif()

foreach(version IN ITEMS 6 5)
    find_package(Qt${version} QUIET COMPONENTS Core)
    if(Qt${version}_FOUND AND NOT TARGET ctbus_qt)
        add_library(ctbus_qt INTERFACE)
        target_link_libraries(ctbus_qt INTERFACE Qt${version}::Core)
    endif()
endforeach()

# All that has to do with these libraries, for the preset of that name.
add_custom_target(loops)
