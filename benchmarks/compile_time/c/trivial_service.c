// A service of one method: the twin in C, with plain sd-bus.
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>

static int add(sd_bus_message* m, void* userdata, sd_bus_error* error) {
    double a, b;
    (void)userdata, (void)error;
    int r = sd_bus_message_read(m, "dd", &a, &b);
    if (r < 0) return r;
    return sd_bus_reply_method_return(m, "d", a + b);
}

static const sd_bus_vtable rows[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Add", "dd", "d", add, 0),
    SD_BUS_VTABLE_END,
};

static int failed(const char* what, int r) {
    fprintf(stderr, "%s: %s\n", what, strerror(-r));
    return 1;
}

int main(void) {
    sd_bus* bus = NULL;
    int r = sd_bus_open_user(&bus);
    if (r < 0) return failed("cannot open the session bus", r);
    r = sd_bus_add_object_vtable(bus, NULL, "/org/example/adder", "org.example.Adder", rows, NULL);
    if (r < 0) return failed("cannot export /org/example/adder", r);
    r = sd_bus_request_name(bus, "org.example.Adder", 0);
    if (r < 0) return failed("cannot get the name org.example.Adder", r);
    for (;;) {
        r = sd_bus_process(bus, NULL);
        if (r < 0) return failed("cannot process", r);
        if (r > 0) continue;
        r = sd_bus_wait(bus, UINT64_MAX);
        if (r < 0) return failed("cannot wait", r);
    }
}
