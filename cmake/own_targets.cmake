# How ctbus's own programs are compiled; users of the library never see any of it.
set(CMAKE_CXX_EXTENSIONS OFF)
set(ctbus_warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(CTBUS_WERROR)
    list(APPEND ctbus_warnings -Werror)
endif()

# Linked by what is only compiled.
add_library(ctbus_compiled INTERFACE)
target_link_libraries(ctbus_compiled INTERFACE ctbus::ctbus)
target_compile_options(ctbus_compiled INTERFACE ${ctbus_warnings})

# Linked by what is run. Some of it speaks to sd-bus directly, whose macros are C99 to Clang; the
# headers do without them.
add_library(ctbus_program INTERFACE)
target_link_libraries(ctbus_program INTERFACE ctbus::ctbus)
target_compile_options(ctbus_program INTERFACE ${ctbus_warnings}
    $<$<CXX_COMPILER_ID:Clang>:-Wno-c99-extensions -Wno-c99-designator>)
if(CTBUS_SANITIZE)
    target_compile_options(ctbus_program INTERFACE
        -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(ctbus_program INTERFACE -fsanitize=address,undefined)
endif()

# Runs a command with private buses; what else it can do is told at its top.
set(ctbus_with_bus ${PROJECT_SOURCE_DIR}/tests/bus/with_bus.sh)
