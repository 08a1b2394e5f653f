package gateway

import (
	"crypto/rand"
	"fmt"
	"net"
)

// requestID makes an id of the form that AWS's answers carry: a version 4 UUID.
func requestID() string {
	var id [16]byte
	rand.Read(id[:])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// cutPort splits host:port; ok is false when there is no port.
func cutPort(address string) (host, port string, ok bool) {
	host, port, err := net.SplitHostPort(address)
	return host, port, err == nil
}
