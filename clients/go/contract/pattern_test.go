package main

import (
	"encoding/json"
	"testing"
)

func TestPatternsMatchAndDont(t *testing.T) {
	for _, each := range []struct {
		pattern, value string
		matches        bool
	}{
		{`{"a": 1}`, `{"a": 1, "b": 2}`, true},
		{`{"a": 1}`, `{"b": 2}`, false},
		{`{"a": 1}`, `[1]`, false},
		{`{"a": null}`, `{}`, false},
		{`[1, 2]`, `[1, 2]`, true},
		{`[1, 2]`, `[2, 1]`, false},
		{`[1]`, `[1, 2]`, false},
		{`7`, `"7"`, true},
		{`"7"`, `7`, true},
		{`7`, `8`, false},
		{`true`, `"true"`, false},
		{`"A"`, `"a"`, false},
		{`{"a": {"$present": true}}`, `{"a": "x"}`, true},
		{`{"a": {"$present": true}}`, `{"a": "0"}`, false},
		{`{"a": {"$present": true}}`, `{}`, false},
		{`{"a": {"$present": false}}`, `{}`, true},
		{`{"a": {"$present": false}}`, `{"a": []}`, true},
		{`{"a": {"$present": false}}`, `{"a": false}`, true},
		{`{"a": {"$present": false}}`, `{"a": {"b": 0}}`, false},
		{`{"$includes": [{"a": 1}, 2]}`, `[2, {"a": 1}]`, true},
		{`{"$includes": [3]}`, `[1, 2]`, false},
		{`{"$includes": [3]}`, `{}`, false},
		{`{"$size": 2}`, `[1, 2]`, true},
		{`{"$size": 2}`, `[1]`, false},
		{`{"$size": 2}`, `"ab"`, false},
		{`{"$matches": "^a+$"}`, `"aaa"`, true},
		{`{"$matches": "^a+$"}`, `"ab"`, false},
		{`{"$matches": "1"}`, `1`, false},
		{`{"$unheard": 1}`, `1`, false},
	} {
		t.Run(each.pattern+" and "+each.value, func(t *testing.T) {
			wrong := mismatch(parsed(t, each.pattern), parsed(t, each.value), "")
			if (wrong == nil) != each.matches {
				t.Errorf("found: %v", wrong)
			}
		})
	}
}

func parsed(t *testing.T, written string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(written), &value); err != nil {
		t.Fatal(err)
	}
	return value
}
