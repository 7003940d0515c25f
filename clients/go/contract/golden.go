package main

import (
	"encoding/json"
	"fmt"
	"reflect"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// line is a message as it was once written.
type line struct {
	Name  protoreflect.FullName `json:"name"`
	Bytes []byte                `json:"bytes"`
	JSON  json.RawMessage       `json:"json"`
}

func readAll(lines []line) []result {
	read := make([]result, len(lines))
	for i, each := range lines {
		read[i] = resultOf(string(each.Name), each.read())
	}
	return read
}

// read decodes the bytes into the JSON, and the JSON into the same message.
func (l line) read() error {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(l.Name)
	if err != nil {
		return err
	}
	fromBytes, fromJSON := kind.New().Interface(), kind.New().Interface()
	if err := proto.Unmarshal(l.Bytes, fromBytes); err != nil {
		return err
	}
	if err := protojson.Unmarshal(l.JSON, fromJSON); err != nil {
		return err
	}
	if !proto.Equal(fromBytes, fromJSON) {
		return fmt.Errorf("the JSON is another message than the bytes: %v, not %v", fromJSON, fromBytes)
	}
	return l.requirePrinted(fromBytes)
}

func (l line) requirePrinted(message proto.Message) error {
	var wanted any
	if err := json.Unmarshal(l.JSON, &wanted); err != nil {
		return err
	}
	found, err := printed(protojson.MarshalOptions{}, message)
	if err == nil && !reflect.DeepEqual(found, wanted) {
		err = fmt.Errorf("the bytes are %s, not %s", shown(found), l.JSON)
	}
	return err
}
