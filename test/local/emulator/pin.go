// Package emulator installs and runs MiniStack, the AWS emulator behind the gateway: one pinned release, in a virtual
// environment of its own, as a child process that saves its state on request.
package emulator

import _ "embed"

// Version is MiniStack's release. Changing it means regenerating requirements.txt (its head says how) and running this
// module's tests: launch.py replaces two names inside that release.
const Version = "1.5.33"

// requirements lists MiniStack, cbor2 (CloudWatch's SDKs speak CBOR) and all that they need, each with its hashes.
//
//go:embed requirements.txt
var requirements []byte

// launcher is the Python program that runs MiniStack; its docstring says what it adds.
//
//go:embed launch.py
var launcher []byte
