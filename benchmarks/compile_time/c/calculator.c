// The calculator of ctbus's README: the twin in C, with plain sd-bus.
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>

#define PATH "/org/example/calculator"
#define INTERFACE "org.example.Calculator"

struct calculator {
    sd_bus* bus;
    uint32_t precision;
};

static int add(sd_bus_message* m, void* userdata, sd_bus_error* error) {
    struct calculator* calc = userdata;
    double a, b;
    (void)error;
    int r = sd_bus_message_read(m, "dd", &a, &b);
    if (r < 0) return r;
    const double sum = a + b;
    if (isinf(sum)) {
        r = sd_bus_emit_signal(calc->bus, PATH, INTERFACE, "Overflowed", "sd", "Add", sum);
        if (r < 0) return r;
    }
    return sd_bus_reply_method_return(m, "d", sum);
}

static int divmod(sd_bus_message* m, void* userdata, sd_bus_error* error) {
    int32_t n, d;
    (void)userdata;
    int r = sd_bus_message_read(m, "ii", &n, &d);
    if (r < 0) return r;
    if (d == 0)
        return sd_bus_error_set(error, "org.example.Calculator.DividedByZero", "the divisor is 0");
    return sd_bus_reply_method_return(m, "ii", n / d, n % d);
}

static int reset(sd_bus_message* m, void* userdata, sd_bus_error* error) {
    struct calculator* calc = userdata;
    (void)error;
    calc->precision = 2;
    return sd_bus_reply_method_return(m, NULL);
}

static int set_precision(sd_bus* bus, const char* path, const char* interface, const char* property,
                         sd_bus_message* value, void* userdata, sd_bus_error* error) {
    (void)error;
    int r = sd_bus_message_read(value, "u", userdata);
    if (r < 0) return r;
    return sd_bus_emit_properties_changed(bus, path, interface, property, NULL);
}

static const sd_bus_vtable rows[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Add", SD_BUS_ARGS("d", a, "d", b), SD_BUS_RESULT("d", sum), add, 0),
    SD_BUS_METHOD("DivMod", "ii", "ii", divmod, 0),
    SD_BUS_METHOD("Reset", "", "", reset, SD_BUS_VTABLE_METHOD_NO_REPLY),
    SD_BUS_WRITABLE_PROPERTY("Precision", "u", NULL, set_precision,
                             offsetof(struct calculator, precision),
                             SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_SIGNAL_WITH_ARGS("Overflowed", SD_BUS_ARGS("s", operation, "d", value), 0),
    SD_BUS_VTABLE_END,
};

static int failed(const char* what, int r) {
    fprintf(stderr, "%s: %s\n", what, strerror(-r));
    return 1;
}

int main(void) {
    struct calculator calc = {NULL, 2};
    int r = sd_bus_open_user(&calc.bus);
    if (r < 0) return failed("cannot open the session bus", r);
    r = sd_bus_add_object_vtable(calc.bus, NULL, PATH, INTERFACE, rows, &calc);
    if (r < 0) return failed("cannot export " PATH, r);
    r = sd_bus_request_name(calc.bus, INTERFACE, 0);
    if (r < 0) return failed("cannot get the name " INTERFACE, r);
    for (;;) {
        r = sd_bus_process(calc.bus, NULL);
        if (r < 0) return failed("cannot process", r);
        if (r > 0) continue;
        r = sd_bus_wait(calc.bus, UINT64_MAX);
        if (r < 0) return failed("cannot wait", r);
    }
}
