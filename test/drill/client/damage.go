package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"warmstandby/test/drill/evidence"
)

// DamagedNumber is the number that an overwritten record has.
const DamagedNumber = -1

// Overwrite replaces a record's content, as a bad release does, whatever version it has.
func (c *Client) Overwrite(ctx context.Context, a evidence.Attempt) error {
	body, err := json.Marshal(map[string]any{"patient": c.Name, "content": map[string]int{"number": DamagedNumber}})
	if err != nil {
		return fmt.Errorf("writing a damaged record: %w", err)
	}
	return c.damage(ctx, http.MethodPut, a, body, http.StatusOK)
}

// Delete deletes a record.
func (c *Client) Delete(ctx context.Context, a evidence.Attempt) error {
	return c.damage(ctx, http.MethodDelete, a, nil, http.StatusNoContent)
}

func (c *Client) damage(ctx context.Context, method string, a evidence.Attempt, body []byte, want int) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	address, _, err := c.Names.Address(ctx, c.URL.Hostname())
	if err != nil {
		return err
	}
	token, err := c.Token(ctx)
	if err != nil {
		return fmt.Errorf("getting a token: %w", err)
	}
	url := c.URL.JoinPath("records", a.ID).String()
	request, err := http.NewRequestWithContext(withAddress(ctx, address), method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("If-Match", "*")
	}
	status, content, err := exchange(c.HTTP, request)
	if err == nil && status != want {
		err = fmt.Errorf("status %d: %s", status, content[:min(len(content), 200)])
	}
	if err != nil {
		return fmt.Errorf("damaging number %d: %w", a.Number, err)
	}
	return nil
}
