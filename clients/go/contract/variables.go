package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// variables are what ${name} stands for in a step.
type variables map[string]any

var variableName = regexp.MustCompile(`\$\{(\w+)\}`)

// fill puts the variables into a value. A string that is nothing but one becomes its value, of whatever kind.
func (v variables) fill(value any) (any, error) {
	switch value := value.(type) {
	case string:
		return v.fillText(value)
	case []any:
		return v.fillList(value)
	case map[string]any:
		return v.fillObject(value)
	default:
		return value, nil
	}
}

func (v variables) fillList(list []any) (any, error) {
	filled := make([]any, len(list))
	for i, each := range list {
		var err error
		if filled[i], err = v.fill(each); err != nil {
			return nil, err
		}
	}
	return filled, nil
}

func (v variables) fillObject(object map[string]any) (any, error) {
	filled := make(map[string]any, len(object))
	for key, each := range object {
		var err error
		if filled[key], err = v.fill(each); err != nil {
			return nil, err
		}
	}
	return filled, nil
}

func (v variables) fillText(text string) (any, error) {
	for _, found := range variableName.FindAllStringSubmatch(text, -1) {
		value, known := v[found[1]]
		if !known {
			return nil, fmt.Errorf("there is no variable %s", found[1])
		}
		if found[0] == text {
			return value, nil
		}
	}
	return variableName.ReplaceAllStringFunc(text, func(found string) string {
		return asText(v[found[2:len(found)-1]])
	}), nil
}

// save keeps what a step brought, under the names that it gives.
func (v variables) save(names map[string]string, brought any) error {
	for name, path := range names {
		value, err := pick(brought, path)
		if err != nil {
			return err
		}
		v[name] = value
	}
	return nil
}

// pick is what stands under a path: keys, and numbers in lists, with dots between them. "" is the whole.
func pick(value any, path string) (any, error) {
	for part := range strings.SplitSeq(path, ".") {
		if part == "" {
			continue
		}
		var found bool
		if value, found = child(value, part); !found {
			return nil, fmt.Errorf("there is nothing at %s to be saved", path)
		}
	}
	return value, nil
}

func child(value any, part string) (any, bool) {
	switch value := value.(type) {
	case map[string]any:
		found, ok := value[part]
		return found, ok
	case []any:
		index, err := strconv.Atoi(part)
		if err != nil || index < 0 || index >= len(value) {
			return nil, false
		}
		return value[index], true
	default:
		return nil, false
	}
}
