package decision

import "warmstandby/shared/contract/controller"

// Concern is a stable identifier of an abnormal condition. Reasons contain ages that change every run; a Concern does not, so it
// de-duplicates notifications. The journal stores the texts: a changed text is notified again.
type Concern string

// The concerns.
const (
	WriterUnknown      Concern = "RDS does not say where the writer is"
	WritesUnknown      Concern = "the primary region is not probed"
	WritesLost         Concern = "writes fail in the primary region"
	HeartbeatUnknown   Concern = "no heartbeat is on record"
	HeartbeatLost      Concern = "the heartbeat is overdue"
	ReplicationUnknown Concern = "replication is not measured"
	ReplicationLost    Concern = "replication has stopped"
	StandbyUnknown     Concern = "the standby region is not seen"
	StandbyUnhealthy   Concern = "the standby region could not take over"
	NotAutomatic       Concern = "the controller does not act by itself"
	CommitsWait        Concern = "commits wait for replication (rds.global_db_rpo)"
	WriterReadOnly     Concern = "the writer in the primary region is read-only"
	Saturated          Concern = "the primary region's database has no connection left"
	GrayFailure        Concern = "the primary region fails in part"
	RoutingUnknown     Concern = "where Route 53 sends users is not known"
	UsersAway          Concern = "Route 53 keeps users away from the primary region, in which the controller's writes succeed"
	SightLost          Concern = "Route 53 sends users to the primary region, in which the controller sees writes fail"
)

// Concerns returns the abnormal conditions. There are none while the writer is in the standby region or is being moved.
func (e Evidence) Concerns() []Concern {
	if !e.Database.Known {
		return []Concern{WriterUnknown}
	}
	if e.Database.Moving || e.Database.WriterInStandby {
		return nil
	}
	concerns := e.writeConcerns()
	for _, row := range [...]struct {
		is            state
		unknown, gone Concern
	}{
		{e.heartbeat().state, HeartbeatUnknown, HeartbeatLost},
		{e.replication().state, ReplicationUnknown, ReplicationLost},
		{e.standby().state, StandbyUnknown, StandbyUnhealthy},
	} {
		switch row.is {
		case unknown:
			concerns = append(concerns, row.unknown)
		case gone:
			concerns = append(concerns, row.gone)
		}
	}
	lost, _ := e.writesLost()
	if concern := e.routingConcern(lost); concern != "" {
		concerns = append(concerns, concern)
	}
	if e.Mode != controller.Automatic {
		concerns = append(concerns, NotAutomatic)
	}
	return concerns
}

// writeConcerns returns the concerns of the write probes. A cause that the application gives stands for the loss that it explains.
func (e Evidence) writeConcerns() []Concern {
	if !e.Writes.Known {
		return []Concern{WritesUnknown}
	}
	if cause, is := e.explained(); is {
		return []Concern{cause.concern}
	}
	if lost, _ := e.writesLost(); lost {
		return []Concern{WritesLost}
	}
	if _, is := e.gray(); is {
		return []Concern{GrayFailure}
	}
	return nil
}
