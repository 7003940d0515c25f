package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// missing is a value that isn't there.
type missing struct{}

// mismatch is what is wrong with a value, and where; nil where it matches.
func mismatch(pattern, value any, place string) error {
	switch pattern := pattern.(type) {
	case map[string]any:
		return mismatchOfObject(pattern, value, place)
	case []any:
		return mismatchOfList(pattern, value, place)
	}
	return unless(equal(pattern, value), place, value, shown(pattern))
}

func mismatchOfObject(pattern map[string]any, value any, place string) error {
	if rule, argument, ok := ruleOf(pattern); ok {
		return mismatchOfRule(rule, argument, value, place)
	}
	object, ok := value.(map[string]any)
	if !ok {
		return unless(false, place, value, "an object")
	}
	for key, wanted := range pattern {
		found, there := object[key]
		if !there {
			found = missing{}
		}
		if wrong := mismatch(wanted, found, place+"."+key); wrong != nil {
			return wrong
		}
	}
	return nil
}

func mismatchOfList(pattern []any, value any, place string) error {
	list, ok := value.([]any)
	if !ok || len(list) != len(pattern) {
		return unless(false, place, value, fmt.Sprintf("a list of %d", len(pattern)))
	}
	for i, wanted := range pattern {
		if wrong := mismatch(wanted, list[i], fmt.Sprintf("%s.%d", place, i)); wrong != nil {
			return wrong
		}
	}
	return nil
}

// ruleOf is the rule that a pattern is, such as $size.
func ruleOf(pattern map[string]any) (rule string, argument any, ok bool) {
	for key, value := range pattern {
		return key, value, strings.HasPrefix(key, "$")
	}
	return "", nil, false
}

func mismatchOfRule(rule string, argument, value any, place string) error {
	switch rule {
	case "$present":
		return unless(argument != empty(value), place, value, presence(argument))
	case "$size":
		list, ok := value.([]any)
		return unless(ok && equal(argument, float64(len(list))), place, value, "a list of "+shown(argument))
	case "$matches":
		text, ok := value.(string)
		return unless(ok && found(argument, text), place, value, "a text in which "+shown(argument)+" is found")
	case "$includes":
		return mismatchOfIncluded(argument, value, place)
	default:
		return fmt.Errorf("there is no rule %s", rule)
	}
}

func mismatchOfIncluded(patterns, value any, place string) error {
	list, _ := value.([]any)
	wanted, _ := patterns.([]any)
	for _, pattern := range wanted {
		matches := func(element any) bool { return mismatch(pattern, element, "") == nil }
		if !slices.ContainsFunc(list, matches) {
			return unless(false, place, value, "a list with "+shown(pattern))
		}
	}
	return nil
}

func presence(wanted any) string {
	if wanted == true {
		return "something"
	}
	return "nothing"
}

func found(expression any, text string) bool {
	matched, err := regexp.MatchString(asText(expression), text)
	return matched && err == nil
}

func empty(value any) bool {
	switch value := value.(type) {
	case []any:
		return len(value) == 0
	case map[string]any:
		return len(value) == 0
	default:
		return slices.Contains([]any{nil, missing{}, "", "0", 0.0, false}, value)
	}
}

// equal: a number of 64 bits is a string in JSON, and equals a number that is written alike.
func equal(pattern, value any) bool {
	return reflect.DeepEqual(pattern, value) || plain(pattern) && plain(value) && asText(pattern) == asText(value)
}

func plain(value any) bool {
	switch value.(type) {
	case string, float64:
		return true
	default:
		return false
	}
}

// asText is a value as it stands within a string.
func asText(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	default:
		return shown(value)
	}
}

func shown(value any) string {
	if value == any(missing{}) {
		return "nothing"
	}
	written, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(written)
}

func unless(matches bool, place string, value any, wanted string) error {
	if matches {
		return nil
	}
	if place = strings.TrimPrefix(place, "."); place == "" {
		place = "the whole"
	}
	return fmt.Errorf("%s is %s, not %s", place, shown(value), wanted)
}
