#include "shapes.hpp"

#include <algorithm>
#include <utility>

namespace ditto {
namespace {

using Type = Value::Type;

bool has_fields(const Value& value, const std::vector<Field>& fields) {
    return value.type == Type::map &&
           std::all_of(fields.begin(), fields.end(), [&](const Field& field) {
               const Value* member = value.find(field.name);
               return member == nullptr ? field.may_be_absent : field.shape(*member);
           });
}

}  // namespace

Field need(std::string name, Shape shape) { return {std::move(name), std::move(shape), false}; }

Field may(std::string name, Shape shape) { return {std::move(name), std::move(shape), true}; }

Shape any() {
    return [](const Value&) { return true; };
}

Shape boolean() {
    return [](const Value& value) { return value.type == Type::boolean; };
}

Shape integer(int64_t least, int64_t most) {
    return [=](const Value& value) {
        return value.type == Type::integer && value.integer >= least && value.integer <= most;
    };
}

Shape real(double least, double most) {
    return [=](const Value& value) {
        const bool is_whole = value.type == Type::integer;
        const double number = is_whole ? static_cast<double>(value.integer) : value.real;
        // Also false for what is no number.
        return (is_whole || value.type == Type::real) && number >= least && number <= most;
    };
}

Shape text(size_t characters) {
    return [=](const Value& value) {
        return value.type == Type::text && count_characters(value.bytes) <= characters;
    };
}

Shape one_of(std::vector<std::string> words) {
    return [words = std::move(words)](const Value& value) {
        return value.type == Type::text &&
               std::find(words.begin(), words.end(), value.bytes) != words.end();
    };
}

Shape binary(size_t least, size_t most) {
    return [=](const Value& value) {
        return value.type == Type::binary && value.bytes.size() >= least &&
               value.bytes.size() <= most;
    };
}

Shape list(Shape item, size_t least, size_t most) {
    return [=](const Value& value) {
        return value.type == Type::list && value.items.size() >= least &&
               value.items.size() <= most &&
               std::all_of(value.items.begin(), value.items.end(), item);
    };
}

Shape by_name(Shape item) {
    return [=](const Value& value) {
        return value.type == Type::map && std::all_of(value.items.begin(), value.items.end(), item);
    };
}

Shape record(std::vector<Field> fields) {
    return [fields = std::move(fields)](const Value& value) { return has_fields(value, fields); };
}

Shape closed_record(std::vector<Field> fields) {
    return [fields = std::move(fields)](const Value& value) {
        const auto is_known = [&](const std::string& name) {
            return std::any_of(fields.begin(), fields.end(),
                               [&](const Field& field) { return field.name == name; });
        };
        return has_fields(value, fields) &&
               std::all_of(value.names.begin(), value.names.end(), is_known);
    };
}

Shape both(Shape one, Shape other) {
    return [=](const Value& value) { return one(value) && other(value); };
}

}  // namespace ditto
