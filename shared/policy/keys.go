package policy

// ViaService limits the use of a key to requests that the named services of the region make on the principal's behalf (AWS KMS
// Developer Guide, "AWS KMS condition keys", kms:ViaService).
func ViaService(regionName string, services ...string) Conditions {
	hosts := make([]string, len(services))
	for i, service := range services {
		hosts[i] = service + "." + regionName + ".amazonaws.com"
	}
	return Conditions{"StringEquals": {"kms:ViaService": hosts}}
}
