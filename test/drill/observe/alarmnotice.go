package observe

import "encoding/json"

// alarmNotice reads the text of a notification of an alarm: Amazon CloudWatch User Guide, "Notifying users on alarm changes".
func alarmNotice(text []byte) (alarm, state string, is bool) {
	var notice struct{ AlarmName, NewStateValue string }
	if err := json.Unmarshal(text, &notice); err != nil {
		return "", "", false
	}
	return notice.AlarmName, notice.NewStateValue, notice.AlarmName != ""
}
