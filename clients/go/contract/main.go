// Command contract plays Cartera's contract suite through the generated Go code. What a runner does is written in
// tests/contract/cases/README.md.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
)

const (
	allPassed = iota
	somethingFailed
	couldNotRun
)

type paths struct {
	cases, golden, targets, results string
}

// result is what came of a case, or of a line of golden bytes.
type result struct {
	Name    string `json:"name"`
	Passed  bool   `json:"passed"`
	Failure string `json:"failure"`
}

type results struct {
	Language string   `json:"language"`
	Cases    []result `json:"cases"`
	Golden   []result `json:"golden"`
}

func main() {
	var at paths
	flag.StringVar(&at.cases, "cases", "", "the `directory` of the cases")
	flag.StringVar(&at.golden, "golden", "", "the `file` of golden bytes")
	flag.StringVar(&at.targets, "targets", "", "the `file` that says where the servers are")
	flag.StringVar(&at.results, "results", "", "the `file` to write")
	flag.Parse()
	status, err := run(at)
	if err != nil {
		fmt.Fprintln(os.Stderr, "it cannot be run:", err)
		status = couldNotRun
	}
	os.Exit(status)
}

func run(at paths) (int, error) {
	suite, err := load(at)
	if err != nil {
		return couldNotRun, err
	}
	played, err := playAll(suite)
	if err != nil {
		return couldNotRun, err
	}
	found := results{Language: language, Cases: played, Golden: readAll(suite.lines)}
	written, err := json.MarshalIndent(found, "", " ")
	if err != nil {
		return couldNotRun, err
	}
	if err := os.WriteFile(at.results, append(written, '\n'), 0o644); err != nil {
		return couldNotRun, err
	}
	return verdict(found), nil
}

func verdict(found results) int {
	status := allPassed
	for _, each := range slices.Concat(found.Cases, found.Golden) {
		if !each.Passed {
			fmt.Fprintf(os.Stderr, "%s: %s\n", each.Name, each.Failure)
			status = somethingFailed
		}
	}
	return status
}

func resultOf(name string, failure error) result {
	if failure != nil {
		return result{Name: name, Failure: failure.Error()}
	}
	return result{Name: name, Passed: true}
}
