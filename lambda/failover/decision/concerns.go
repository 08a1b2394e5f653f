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
)

// Concerns returns the abnormal conditions. There are none while the writer is in the standby region or is being moved.
func (e Evidence) Concerns() []Concern {
	if !e.Database.Known {
		return []Concern{WriterUnknown}
	}
	if e.Database.Moving || e.Database.WriterInStandby {
		return nil
	}
	var concerns []Concern
	if lost, _ := e.writesLost(); lost {
		concerns = append(concerns, WritesLost)
	}
	if !e.Writes.Known {
		concerns = append(concerns, WritesUnknown)
	}
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
	if e.Mode != controller.Automatic {
		concerns = append(concerns, NotAutomatic)
	}
	return concerns
}
