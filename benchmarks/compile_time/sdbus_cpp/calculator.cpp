// The calculator of ctbus's README, with sdbus-c++'s convenience API.
#include <sdbus-c++/sdbus-c++.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <tuple>

namespace {

constexpr char interface[] = "org.example.Calculator";

class calculator {
public:
    explicit calculator(sdbus::IConnection& bus)
        : object_{sdbus::createObject(bus, "/org/example/calculator")} {
        object_->registerMethod("Add")
            .onInterface(interface)
            .withInputParamNames("a", "b")
            .withOutputParamNames("sum")
            .implementedAs([this](double a, double b) { return add(a, b); });
        object_->registerMethod("DivMod").onInterface(interface).implementedAs(
            [](std::int32_t n, std::int32_t d) {
                if (d == 0)
                    throw sdbus::Error{"org.example.Calculator.DividedByZero", "the divisor is 0"};
                return std::tuple{n / d, n % d};
            });
        object_->registerMethod("Reset")
            .onInterface(interface)
            .implementedAs([this] { precision_ = 2; })
            .withNoReply();
        object_->registerProperty("Precision")
            .onInterface(interface)
            .withGetter([this] { return precision_; })
            .withSetter([this](std::uint32_t value) {
                precision_ = value;
                object_->emitPropertiesChangedSignal(interface, {"Precision"});
            });
        object_->registerSignal("Overflowed")
            .onInterface(interface)
            .withParameters<std::string, double>("operation", "value");
        object_->finishRegistration();
    }

private:
    double add(double a, double b) {
        const double sum = a + b;
        if (std::isinf(sum))
            object_->emitSignal("Overflowed").onInterface(interface).withArguments("Add", sum);
        return sum;
    }

    std::unique_ptr<sdbus::IObject> object_;
    std::uint32_t precision_ = 2;
};

} // namespace

int main() {
    const auto bus = sdbus::createSessionBusConnection();
    const calculator calc{*bus};
    bus->requestName(interface);
    bus->enterEventLoop();
}
