package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// commandLine is the service's command line, as scripts/setup installs it.
const commandLine = "../../.venv/bin/cartera"

// asGateway in the environment makes the test's program the gateway, so that a test runs what users do.
const asGateway = "CARTERA_JSON_TEST_IS_GATEWAY"

var service *process

func TestMain(m *testing.M) {
	if os.Getenv(asGateway) != "" {
		main()
		return
	}
	os.Exit(withService(m))
}

// withService runs the tests beside one service, which has the sample tenant.
func withService(m *testing.M) int {
	directory, err := os.MkdirTemp("", "cartera-json-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(directory)
	database := "sqlite:///" + filepath.Join(directory, "cartera.db")
	service, err = start(exec.Command(commandLine, "serve", "--listen", "127.0.0.1:0", "--database-url", database))
	if err != nil {
		panic(err)
	}
	defer service.end()
	apply := exec.Command(commandLine, "apply", "-f", "../../examples/demo-tenant.yaml")
	apply.Env = append(os.Environ(), "CARTERA_ADDRESS="+service.address)
	if output, err := apply.CombinedOutput(); err != nil {
		panic(string(output))
	}
	return m.Run()
}

// process is a program that serves.
type process struct {
	address string
	command *exec.Cmd
}

// start runs a program until it has said where it serves.
func start(command *exec.Cmd) (*process, error) {
	command.Env = append(os.Environ(), command.Env...)
	command.Env = append(command.Env, "CARTERA_DRAIN_SECONDS=0", "CARTERA_LOG_LEVEL=error")
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	said, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		_ = command.Wait()
		return nil, err
	}
	words := strings.Fields(said)
	return &process{address: words[len(words)-1], command: command}, nil
}

// end asks it to end, and says how it did.
func (p *process) end() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.command.Wait()
}

// gatewayTo starts a gateway to a service, with its flags, for the time of a test.
func gatewayTo(t *testing.T, address string, flags ...string) *process {
	t.Helper()
	started, err := start(gatewayCommand(append([]string{"--listen=127.0.0.1:0", "--address=" + address}, flags...)...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = started.end() })
	return started
}

func gatewayCommand(flags ...string) *exec.Cmd {
	command := exec.Command(os.Args[0], flags...)
	command.Env = []string{asGateway + "=1"}
	return command
}
