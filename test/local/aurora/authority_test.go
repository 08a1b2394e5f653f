package aurora

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"warmstandby/test/local/certificate"
	"warmstandby/test/local/testwait"
)

// verified opens a session as a client that trusts one authority only and checks the host that it dialled.
func (f *fixture) verified(target, authority string) error {
	f.t.Helper()
	config, err := pgx.ParseConfig(target + " user=clinic dbname=records sslmode=verify-full sslrootcert='" + authority + "'")
	if err != nil {
		return err
	}
	config.Password = "it's a secret"
	connection, err := pgx.ConnectConfig(testwait.Context(f.t), config)
	if err != nil {
		return err
	}
	return connection.Close(context.Background())
}

// A client that verifies trusts the folder's authority and no other.
func TestClientVerification(t *testing.T) {
	t.Parallel()
	other := t.TempDir()
	if err := EnsureAuthority(other); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := EnsureAuthority(folder); err != nil {
		t.Fatal(err)
	}
	f := pair(t, folder)
	verify := func(when string) {
		t.Helper()
		for name, target := range map[string]string{
			"the writer endpoint": f.writerTarget(east), "the primary": f.target(east), "the secondary, whose data are a copy": f.target(west),
		} {
			if err := f.verified(target, AuthorityFile(folder)); err != nil {
				t.Errorf("%s: %s is not trusted: %v", when, name, err)
			}
			if err := f.verified(target, AuthorityFile(other)); !errors.As(err, new(x509.UnknownAuthorityError)) {
				t.Errorf("%s: %s with another folder's authority: %v, want that it is unknown", when, name, err)
			}
		}
	}
	verify("at first")
	f.switchover(west)
	testwait.Until(f.t, "the old writer follows", func() error { _, err := f.rows(east); return err })
	verify("after a switchover")

	// As a folder is of an earlier release: it has servers, whose certificates sign themselves, and no authority.
	f.close()
	if err := errors.Join(os.Remove(AuthorityFile(folder)), os.Remove(filepath.Join(folder, certificate.KeyFile))); err != nil {
		t.Fatal(err)
	}
	f = open(t, folder)
	verify("with a new authority")
}

func TestAnAuthorityStaysAndIsWholeOrMadeAnew(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "aurora")
	read := func() string {
		t.Helper()
		if err := EnsureAuthority(folder); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(AuthorityFile(folder))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	first := read()
	if again := read(); again != first {
		t.Error("the second look made another authority")
	}
	if info, err := os.Stat(filepath.Join(folder, certificate.KeyFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key is %v, %v; want it closed to others", info, err)
	}
	if err := os.Remove(filepath.Join(folder, certificate.KeyFile)); err != nil {
		t.Fatal(err)
	}
	if again := read(); again == first {
		t.Error("an authority without its key is used")
	}
	if err := os.WriteFile(AuthorityFile(folder), []byte("no certificate"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := EnsureAuthority(folder); err == nil || !strings.Contains(err.Error(), AuthorityFile(folder)) {
		t.Errorf("a file that is no authority: %v, want an error that names it", err)
	}
}

func TestAnAuthorityIsForThisMachineOnly(t *testing.T) {
	t.Parallel()
	a, err := openAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.Certificate)
	for host, want := range map[string]bool{"localhost": true, "records.global-abc.global.rds.amazonaws.com": false} {
		signed, _, err := a.SignServer(x509.Certificate{DNSNames: []string{host}})
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := parsePEM(signed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host}); (err == nil) != want {
			t.Errorf("a certificate for %s: %v, want it trusted: %t", host, err, want)
		}
	}
}

func parsePEM(content []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("no PEM in %q", content)
	}
	return x509.ParseCertificate(block.Bytes)
}
