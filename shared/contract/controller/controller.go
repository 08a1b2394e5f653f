// Package controller holds what the infrastructure and the failover controller agree on: the controller's configuration, the
// names of its parameters, tasks, metrics and heartbeat, its modes, and the objectives that alarms are set by.
//
// The components write the configuration and watch the metrics, and the function in lambda/failover reads and publishes them.
// Both import this package, which therefore imports nothing but the standard library.
package controller
