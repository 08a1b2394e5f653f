// Package emulator installs and runs MiniStack, the AWS emulator behind the gateway: one pinned release, in a virtual
// environment of its own, as a child process that saves its state on request.
package emulator

import "embed"

// Version is MiniStack's release. Changing it means regenerating requirements.txt (its head says how) and running this
// module's tests: launch.py replaces names inside that release.
const Version = "1.5.33"

// pinned are the files that an installation is made of, but for the packages. requirements.txt lists MiniStack, cbor2
// (CloudWatch's SDKs speak CBOR) and all that they need, each with its hashes; launch.py, which imports the other programs,
// runs MiniStack and says in its docstring what it adds.
//
//go:embed requirements.txt launch.py saves.py alarms.py dashboards.py healthchecks.py regions.py schedules.py telemetry.py
//go:embed workers.py zones.py files.py permissions.py judge.py recording.py resources.py deliveries.py serviceevents.py concurrency.py
var pinned embed.FS
