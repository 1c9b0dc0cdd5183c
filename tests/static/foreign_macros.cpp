// The headers compile behind those of Xlib and Qt, which define these. (Qt's `emit` is object's
// function: QT_NO_KEYWORDS.)
#define Bool int
#define Status int
#define Success 0
#define None 0L
#define True 1
#define False 0
#define Always 2
#define slots
#define signals public
#define foreach for
#include <ctbus/async.hpp>
#include <ctbus/ctbus.hpp>
#include <ctbus/raw_object.hpp>
#include <ctbus/slow_handlers.hpp>
