package main

import (
	"fmt"
	"os"
)

// What istiod's test server takes for a running test. A failure is a panic with its reason.
type failer struct{ cleanups []func() }

func (f *failer) Fail()                             { panic("istiod's test server failed") }
func (f *failer) FailNow()                          { f.Fail() }
func (f *failer) Fatal(reasons ...any)              { panic(fmt.Sprint(reasons...)) }
func (f *failer) Fatalf(text string, values ...any) { panic(fmt.Sprintf(text, values...)) }
func (f *failer) Log(...any)                        {}
func (f *failer) Logf(string, ...any)               {}
func (f *failer) Helper()                           {}
func (f *failer) Skip(...any)                       {}
func (f *failer) Cleanup(cleanup func())            { f.cleanups = append(f.cleanups, cleanup) }

func (f *failer) TempDir() string {
	folder, err := os.MkdirTemp("", "istiod")
	must(err)
	f.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}

// The last one first, as a test would.
func (f *failer) cleanUp() {
	for i := len(f.cleanups) - 1; i >= 0; i-- {
		f.cleanups[i]()
	}
}
