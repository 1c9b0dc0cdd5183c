// The main function of every doctest program.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#ifndef __cpp_exceptions
#include <cstdlib>
#include <iostream>

namespace {

/// Without exceptions doctest goes on after a REQUIRE that failed. Here it ends the program.
class require_ends_the_program : public doctest::IReporter {
public:
    explicit require_ends_the_program(const doctest::ContextOptions&) {}

    void log_assert(const doctest::AssertData& a) override {
        if (!a.m_failed || !(a.m_at & doctest::assertType::is_require)) return;
        std::cerr << a.m_file << ':' << a.m_line << ": " << doctest::assertString(a.m_at) << "( "
                  << a.m_expr << " ): " << a.m_decomp << std::endl;
        std::abort();
    }
    void log_message(const doctest::MessageData& m) override {
        if (!(m.m_severity & doctest::assertType::is_require)) return;
        std::cerr << m.m_file << ':' << m.m_line << ": " << m.m_string << std::endl;
        std::abort();
    }

    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats&) override {}
    void test_case_start(const doctest::TestCaseData&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}
};

} // namespace

REGISTER_LISTENER("require", 1, require_ends_the_program);
#endif
