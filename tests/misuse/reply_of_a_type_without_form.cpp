// expect: ctbus: char is neither text nor a number: use std::uint8_t for a byte, std::string for text
// names: char
#include <ctbus/message.hpp>

#ifdef MISUSE
void use(ctbus::message m) {
    m.reply('c');
}
#else
void use(ctbus::message m) {
    m.reply("c");
}
#endif
