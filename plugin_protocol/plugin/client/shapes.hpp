// What a value may look like: types and bounds, put together from small ones.
//
// Of a record, fields from the future are skipped unless it is closed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "value.hpp"

namespace ditto {

using Shape = std::function<bool(const Value&)>;

struct Field {
    std::string name;
    Shape shape;
    bool may_be_absent;
};

Field need(std::string name, Shape shape);
Field may(std::string name, Shape shape);

Shape any();
Shape boolean();
Shape integer(int64_t least, int64_t most);
Shape real(double least, double most);  // may be written as an integer
Shape text(size_t characters);
Shape one_of(std::vector<std::string> words);
Shape binary(size_t least, size_t most);
Shape list(Shape item, size_t least, size_t most);
Shape by_name(Shape item);  // a map whose names say nothing
Shape record(std::vector<Field> fields);
Shape closed_record(std::vector<Field> fields);
Shape both(Shape one, Shape other);

}  // namespace ditto
