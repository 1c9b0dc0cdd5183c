# CTBUS_VERSION in ctbus.hpp must be major * 10000 + minor * 100 + patch of the project's version.
set(ctbus_umbrella ${PROJECT_SOURCE_DIR}/include/ctbus/ctbus.hpp)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ctbus_umbrella})
math(EXPR ctbus_version_number
    "${PROJECT_VERSION_MAJOR} * 10000 + ${PROJECT_VERSION_MINOR} * 100 + ${PROJECT_VERSION_PATCH}")
file(STRINGS ${ctbus_umbrella} ctbus_version_line
    REGEX "^#define CTBUS_VERSION ${ctbus_version_number}( |$)")
if(NOT ctbus_version_line)
    message(FATAL_ERROR "${ctbus_umbrella} must say: #define CTBUS_VERSION ${ctbus_version_number} "
        "(the project's version is ${PROJECT_VERSION})")
endif()
