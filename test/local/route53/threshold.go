package route53

// thresholdState is a health state that changes after a threshold of consecutive contrary results. The zero value is healthy.
type thresholdState struct {
	unhealthy bool
	contrary  int // consecutive results that contradict the state
}

// observe adds a result and says whether the state has changed. A threshold of less than 1 counts as 1.
func (s *thresholdState) observe(healthy bool, threshold int) (changed bool) {
	if healthy != s.unhealthy {
		s.contrary = 0
		return false
	}
	s.contrary++
	if s.contrary < threshold {
		return false
	}
	s.unhealthy, s.contrary = !healthy, 0
	return true
}
