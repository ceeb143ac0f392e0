// What istiod would send. In: a request in JSON on each line (policy, settings of the mesh, proxies). Out: on a line each, the
// listeners, clusters, routes and endpoints of every proxy, or an error. All of it is made by istiod's own code.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/log"
)

type request struct {
	// YAML or JSON documents, with a line `---` between them.
	Config string
	// The text of a mesh config; empty for the defaults.
	Mesh  string
	Nodes []node
}

type node struct {
	Type, IP, Name, Namespace, ServiceAccount, InterceptionMode string
	Labels                                                      map[string]string
	Locality                                                    struct{ Region, Zone, Subzone string }
}

type answer struct {
	Error string      `json:"error,omitempty"`
	Nodes []resources `json:"nodes,omitempty"`
}

type resources struct {
	Listeners []json.RawMessage `json:"listeners"`
	Clusters  []json.RawMessage `json:"clusters"`
	Routes    []json.RawMessage `json:"routes"`
	Endpoints []json.RawMessage `json:"endpoints"`
}

func main() {
	// Nobody reads the log, and standard output is for answers.
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
	in := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		serve(in, out)
	}
	for {
		var asked request
		if !next(in, &asked) {
			return
		}
		must(out.Encode(answerTo(asked)))
	}
}

// A new server for each request: nothing of an earlier world is left in it.
func answerTo(asked request) (answered answer) {
	failed := &failer{}
	defer failed.cleanUp()
	// Refused policy ends up here, and so does a fault of istiod's: the next request is not to suffer from either.
	defer func() {
		if why := recover(); why != nil {
			answered = answer{Error: fmt.Sprint(why)}
		}
	}()
	server := xds.NewFakeDiscoveryServer(failed, optionsFor(asked))
	server.EnsureSynced(failed)
	for _, each := range asked.Nodes {
		proxy := server.SetupProxy(proxyFor(each))
		listeners := server.Listeners(proxy)
		answered.Nodes = append(answered.Nodes, resources{
			Listeners: asJSON(listeners),
			Clusters:  asJSON(server.Clusters(proxy)),
			Routes:    asJSON(server.RoutesFromListeners(proxy, listeners)),
			Endpoints: asJSON(server.Endpoints(proxy)),
		})
	}
	return answered
}

func optionsFor(asked request) xds.FakeOptions {
	istio, kubernetes := split(asked.Config)
	return xds.FakeOptions{
		Configs:                istio,
		KubernetesObjectString: kubernetes,
		MeshConfig:             settings(asked.Mesh),
		// Else a gateway would get no secrets: there is nobody who could be asked whether it may read them.
		DisableSecretAuthorization: true,
	}
}

func settings(text string) *meshconfig.MeshConfig {
	if text == "" {
		return nil
	}
	read, err := mesh.ApplyMeshConfigDefaults(text)
	must(err)
	return read
}

// The kind alone does not tell whose a document is: Kubernetes has a Gateway and a Service of its own.
var ofIstio = regexp.MustCompile(`apiVersion"?: *"?[a-z.]*istio\.io/`)

func split(text string) (istio []config.Config, kubernetes string) {
	var policy, others []string
	for _, document := range strings.Split(text, "\n---\n") {
		if strings.TrimSpace(document) == "" {
			continue
		}
		if ofIstio.MatchString(document) {
			policy = append(policy, document)
		} else {
			others = append(others, document)
		}
	}
	istio, _, err := crd.ParseInputs(strings.Join(policy, "\n---\n"))
	must(err)
	for i := range istio {
		complete(&istio[i], i)
	}
	return istio, strings.Join(others, "\n---\n")
}

func complete(object *config.Config, index int) {
	// Without it, hosts that are short names are nobody's.
	object.Domain = "cluster.local"
	if object.Namespace == "" {
		object.Namespace = "default"
	}
	// Of two that claim the same, the older one wins; without times, any of them.
	if object.CreationTimestamp.IsZero() {
		object.CreationTimestamp = time.Now().Add(-time.Hour + time.Duration(index)*time.Second)
	}
}

func proxyFor(from node) *model.Proxy {
	return &model.Proxy{
		Type:            model.NodeType(from.Type),
		ID:              from.Name + "." + from.Namespace,
		ConfigNamespace: from.Namespace,
		IPAddresses:     []string{from.IP},
		Labels:          from.Labels,
		Locality: &corev3.Locality{
			Region: from.Locality.Region, Zone: from.Locality.Zone, SubZone: from.Locality.Subzone,
		},
		Metadata: &model.NodeMetadata{
			Namespace: from.Namespace,
			// istiod keeps from older proxies what they would not understand.
			IstioVersion:     "1.32.0",
			Labels:           from.Labels,
			ServiceAccount:   from.ServiceAccount,
			ClusterID:        "Kubernetes",
			InterceptionMode: model.TrafficInterceptionMode(from.InterceptionMode),
		},
	}
}

func asJSON[T proto.Message](all []T) []json.RawMessage {
	written := []json.RawMessage{}
	for _, each := range all {
		text, err := protojson.Marshal(each)
		must(err)
		written = append(written, text)
	}
	return written
}

func must(err error) {
	if err != nil {
		panic(err.Error())
	}
}
