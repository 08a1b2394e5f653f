package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"warmstandby/test/access"
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
	request := access.Request{Method: method, URL: c.recordURL(a.ID), Address: address, JSON: body}
	if body != nil {
		request.Header = map[string]string{"If-Match": "*"}
	}
	answer, err := c.sendAuthorized(ctx, request)
	if err == nil && answer.Status != want {
		err = fmt.Errorf("status %d: %s", answer.Status, answer.Start())
	}
	if err != nil {
		return fmt.Errorf("damaging number %d: %w", a.Number, err)
	}
	return nil
}
