package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
)

const floorsFile = "floors.json"

// suite is everything that is to be played.
type suite struct {
	cases   []scenario
	lines   []line
	targets map[string]target
}

// target is a server.
type target struct {
	Address   string         `json:"address"`
	Variables map[string]any `json:"variables"`
}

// scenario is one case: a claim, and the steps that prove it.
type scenario struct {
	Name   string `json:"name"`
	Target string `json:"target"`
	Floor  string `json:"floor"`
	Steps  []any  `json:"steps"`
}

func load(at paths) (suite, error) {
	var loaded suite
	var golden struct {
		Messages []line `json:"messages"`
	}
	if err := readJSON(at.golden, &golden); err != nil {
		return loaded, err
	}
	loaded.lines = golden.Messages
	if err := readJSON(at.targets, &loaded.targets); err != nil {
		return loaded, err
	}
	cases, err := loadCases(at.cases)
	loaded.cases = cases
	return loaded, err
}

// loadCases takes the files in the order of their names.
func loadCases(directory string) ([]scenario, error) {
	var floors map[string][]any
	if err := readJSON(filepath.Join(directory, floorsFile), &floors); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(directory, "*.json"))
	if err != nil {
		return nil, err
	}
	var cases []scenario
	for _, file := range files {
		if filepath.Base(file) == floorsFile {
			continue
		}
		found, err := casesOf(file, floors)
		if err != nil {
			return nil, err
		}
		cases = append(cases, found...)
	}
	return cases, nil
}

// casesOf puts the steps of each case's floor before its own.
func casesOf(file string, floors map[string][]any) ([]scenario, error) {
	var written struct {
		Cases []scenario `json:"cases"`
	}
	if err := readJSON(file, &written); err != nil {
		return nil, err
	}
	for i := range written.Cases {
		each := &written.Cases[i]
		floor, known := floors[each.Floor]
		if each.Floor != "" && !known {
			return nil, fmt.Errorf("%s: %s: there is no floor %s", file, each.Name, each.Floor)
		}
		each.Steps = append(append([]any{}, floor...), each.Steps...)
		if each.Target == "" {
			each.Target = "main"
		}
	}
	return written.Cases, nil
}

func (t target) variablesFor(tenant string) variables {
	known := variables{"tenant": tenant}
	maps.Copy(known, t.Variables)
	return known
}

func readJSON(file string, value any) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, value); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
