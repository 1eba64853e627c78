#include "json.hpp"

#include <algorithm>
#include <cstdio>
#include <locale>
#include <sstream>

namespace ditto {
namespace {

constexpr int deepest = 32;

void append_utf8(std::string& to, uint32_t point) {
    if (point < 0x80) {
        to += static_cast<char>(point);
        return;
    }
    const int extra = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const uint32_t lead[] = {0, 0xC0, 0xE0, 0xF0};
    to += static_cast<char>(lead[extra] | point >> (6 * extra));
    for (int k = extra - 1; k >= 0; --k) to += static_cast<char>(0x80 | (point >> (6 * k) & 0x3F));
}

class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool read_all(Value& into) {
        if (!read(into, 0)) return false;
        skip_blanks();
        return rest_.empty();
    }

  private:
    bool read(Value& into, int depth) {
        skip_blanks();
        if (depth > deepest || rest_.empty()) return false;
        switch (rest_.front()) {
            case '{': return members(into, depth);
            case '[': return items(into, depth);
            case '"': into.type = Value::Type::text; return text(into.bytes);
            case 't':
                into.type = Value::Type::boolean;
                into.boolean = true;
                return word("true");
            case 'f': into.type = Value::Type::boolean; return word("false");
            case 'n': return word("null");
        }
        return number(into);
    }

    void skip_blanks() {
        const size_t blanks = rest_.find_first_not_of(" \t\r\n");
        rest_.remove_prefix(blanks == std::string_view::npos ? rest_.size() : blanks);
    }

    bool word(std::string_view expected) {
        if (rest_.substr(0, expected.size()) != expected) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }

    bool next_is(char wanted) {
        skip_blanks();
        return word(std::string_view(&wanted, 1));
    }

    bool members(Value& into, int depth) {
        into.type = Value::Type::map;
        word("{");
        if (next_is('}')) return true;
        do {
            skip_blanks();
            into.names.emplace_back();
            if (!text(into.names.back()) || !next_is(':')) return false;
            into.items.emplace_back();
            if (!read(into.items.back(), depth + 1)) return false;
        } while (next_is(','));
        return next_is('}');
    }

    bool items(Value& into, int depth) {
        into.type = Value::Type::list;
        word("[");
        if (next_is(']')) return true;
        do {
            into.items.emplace_back();
            if (!read(into.items.back(), depth + 1)) return false;
        } while (next_is(','));
        return next_is(']');
    }

    bool number(Value& into) {
        const size_t length = std::min(rest_.find_first_not_of("+-.0123456789eE"), rest_.size());
        const std::string digits(rest_.substr(0, length));
        rest_.remove_prefix(length);
        // Not strtod: the host may have set a locale whose numbers have commas.
        std::istringstream stream(digits);
        stream.imbue(std::locale::classic());
        const bool is_whole = digits.find_first_of(".eE") == std::string::npos;
        into.type = is_whole ? Value::Type::integer : Value::Type::real;
        if (is_whole) {
            stream >> into.integer;
        } else {
            stream >> into.real;
        }
        return !stream.fail() && stream.peek() == std::istringstream::traits_type::eof();
    }

    bool text(std::string& into) {
        if (!word("\"")) return false;
        while (!rest_.empty() && rest_.front() != '"') {
            const char first = rest_.front();
            if (static_cast<unsigned char>(first) < 0x20) return false;
            rest_.remove_prefix(1);
            if (first != '\\') {
                into += first;
            } else if (!escape(into)) {
                return false;
            }
        }
        return word("\"") && count_characters(into).has_value();
    }

    bool escape(std::string& into) {
        if (rest_.empty()) return false;
        const char letter = rest_.front();
        rest_.remove_prefix(1);
        if (letter == 'u') return code_point(into);
        static const std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
        const size_t which = letters.find(letter);
        if (which == std::string_view::npos) return false;
        into += meant[which];
        return true;
    }

    bool code_point(std::string& into) {
        uint32_t point = 0, low = 0;
        if (!four_digits(point)) return false;
        if (point >= 0xD800 && point < 0xDC00) {
            if (!word("\\u") || !four_digits(low) || low < 0xDC00 || low > 0xDFFF) return false;
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        }
        append_utf8(into, point);
        return true;
    }

    bool four_digits(uint32_t& number) {
        if (rest_.size() < 4) return false;
        for (const char digit : rest_.substr(0, 4)) {
            static const std::string_view digits = "0123456789abcdef0123456789ABCDEF";
            const size_t which = digits.find(digit);
            if (which == std::string_view::npos) return false;
            number = number << 4 | (which & 0x0F);
        }
        rest_.remove_prefix(4);
        return true;
    }

    std::string_view rest_;
};

}  // namespace

std::optional<Value> read_json(std::string_view text) {
    Value value;
    if (!Reader(text).read_all(value)) return std::nullopt;
    return value;
}

std::string json_text(std::string_view text) {
    std::string result = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') {
            result += '\\';
            result += letter;
        } else if (static_cast<unsigned char>(letter) < 0x20) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(letter));
            result += escaped;
        } else {
            result += letter;
        }
    }
    return result + "\"";
}

}  // namespace ditto
