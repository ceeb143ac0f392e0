package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sys/unix"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/kube"
)

type order struct {
	// Objects that take the place of those of their names.
	Replace string
	// Free what nobody needs, and give it back to the system.
	Collect bool
}

type done struct {
	// Of 127.0.0.1, in the first answer.
	Port int `json:"port,omitempty"`
	// Milliseconds of CLOCK_MONOTONIC: when the objects had been read, and before anybody knew of them.
	At float64 `json:"at"`
}

// istiod's discovery server as a process that proxies can connect to, for benchmarks. In: the mesh as a request on the first line, and an
// order on each further one. Out: an answer to each. There is next to no debounce, no watcher and no certificate.
func serve(in *bufio.Reader, out *json.Encoder) {
	var asked request
	next(in, &asked)
	failed := &failer{}
	options := optionsFor(asked)
	// The test server announces a VirtualService twice, where istiod does so once: without this, each would be sent twice.
	options.DebounceTime = time.Millisecond
	options.ListenerBuilder = func() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }
	server := xds.NewFakeDiscoveryServer(failed, options)
	server.EnsureSynced(failed)
	must(out.Encode(done{Port: server.Listener.Addr().(*net.TCPAddr).Port}))
	for {
		var given order
		if !next(in, &given) {
			// Its clean-up waits for proxies.
			os.Exit(0)
		}
		at := replace(server, given.Replace)
		if given.Collect {
			debug.FreeOSMemory()
		}
		must(out.Encode(done{At: at}))
	}
}

// Of Kubernetes' objects only EndpointSlices: those are all that benchmarks change.
func replace(server *xds.FakeDiscoveryServer, text string) float64 {
	istio, others := split(text)
	var slices []*discoveryv1.EndpointSlice
	for _, document := range strings.Split(others, "\n---\n") {
		if document == "" {
			continue
		}
		read, _, err := kube.IstioCodec.UniversalDeserializer().Decode([]byte(document), nil, nil)
		must(err)
		if slice, is := read.(*discoveryv1.EndpointSlice); is {
			slices = append(slices, slice)
		}
	}
	at := monotonicMs()
	for _, each := range istio {
		_, err := server.Store().Update(each)
		must(err)
	}
	for _, each := range slices {
		all := server.KubeClient().Kube().DiscoveryV1().EndpointSlices(each.Namespace)
		_, err := all.Update(context.Background(), each, metav1.UpdateOptions{})
		must(err)
	}
	return at
}

func next(in *bufio.Reader, into any) bool {
	line, err := in.ReadBytes('\n')
	if err == io.EOF {
		return false
	}
	must(err)
	must(json.Unmarshal(line, into))
	return true
}

func monotonicMs() float64 {
	var now unix.Timespec
	must(unix.ClockGettime(unix.CLOCK_MONOTONIC, &now))
	return float64(now.Nano()) / 1e6
}
