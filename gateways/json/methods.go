package main

import (
	"strings"

	routingv1 "github.com/cartera-dev/cartera/clients/go/cartera/routing/v1"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// contract is the package of the services that are called through here.
var contract = routingv1.File_cartera_routing_v1_routing_service_proto.Package()

// methodAt is the method at a path, /service/method, or nil.
func methodAt(path string) protoreflect.MethodDescriptor {
	name, method, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil
	}
	service, ok := found.(protoreflect.ServiceDescriptor)
	if !ok || service.ParentFile().Package() != contract {
		return nil
	}
	return service.Methods().ByName(protoreflect.Name(method))
}
