package awsclient

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/readiness"
)

// The items of the table, by its key, id, and their attributes.
const (
	stateItem     = "state"
	heartbeatItem = "heartbeat"
	readinessItem = "readiness"

	idAttribute       = "id"
	versionAttribute  = "version"
	documentAttribute = "document"
	tokenAttribute    = "token" // of the write that made the version: a write that is repeated finds itself
	atAttribute       = "at"    // in milliseconds since 1970
)

// dynamoDBAPI is the part of DynamoDB's API that is used.
type dynamoDBAPI interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// Table is the controller's table in the standby region.
type Table struct {
	name  string
	items dynamoDBAPI
}

type attributes = map[string]types.AttributeValue

// Load implements journal.Store.
func (t Table) Load(ctx context.Context) (journal.State, error) {
	item, err := t.get(ctx, stateItem)
	if err != nil || item == nil {
		return journal.State{}, err
	}
	var state journal.State
	if err := json.Unmarshal([]byte(stringValue(item[documentAttribute])), &state); err != nil {
		return journal.State{}, fmt.Errorf("reading item %s of table %s: %w", stateItem, t.name, err)
	}
	state.Version = numberValue(item[versionAttribute])
	return state, nil
}

// Save implements journal.Store.
func (t Table) Save(ctx context.Context, state journal.State) (int64, error) {
	document, err := json.Marshal(state)
	if err != nil {
		return 0, fmt.Errorf("encoding the failover state: %w", err)
	}
	token, condition := rand.Text(), "attribute_not_exists("+idAttribute+")"
	values := attributes(nil)
	if state.Version > 0 {
		condition, values = versionAttribute+" = :read", attributes{":read": numberAttribute(state.Version)}
	}
	_, err = t.items.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(t.name),
		Item: attributes{
			idAttribute: stringAttribute(stateItem), versionAttribute: numberAttribute(state.Version + 1),
			documentAttribute: stringAttribute(string(document)), tokenAttribute: stringAttribute(token),
		},
		ConditionExpression: aws.String(condition), ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var conflict *types.ConditionalCheckFailedException
	switch isConflict := errors.As(err, &conflict); {
	case isConflict && stringValue(conflict.Item[tokenAttribute]) == token:
		// The SDK retried an attempt whose response was lost, and the retry met the first attempt's write.
	case isConflict:
		return 0, journal.ErrConflict
	case err != nil:
		return 0, fmt.Errorf("writing item %s of table %s: %w", stateItem, t.name, err)
	}
	return state.Version + 1, nil
}

// Heartbeat implements observe.Heartbeats.
func (t Table) Heartbeat(ctx context.Context) (time.Time, bool, error) {
	item, err := t.get(ctx, heartbeatItem)
	if err != nil || item == nil {
		return time.Time{}, false, err
	}
	return time.UnixMilli(numberValue(item[atAttribute])).UTC(), true, nil
}

// SaveHeartbeat persists the send time of a heartbeat, unless a newer one is stored: EventBridge does not preserve order.
func (t Table) SaveHeartbeat(ctx context.Context, at time.Time) error {
	_, err := t.items.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                 aws.String(t.name),
		Item:                      attributes{idAttribute: stringAttribute(heartbeatItem), atAttribute: numberAttribute(at.UnixMilli())},
		ConditionExpression:       aws.String("attribute_not_exists(" + idAttribute + ") OR #at < :at"),
		ExpressionAttributeNames:  map[string]string{"#at": atAttribute},
		ExpressionAttributeValues: attributes{":at": numberAttribute(at.UnixMilli())},
	})
	if older := new(types.ConditionalCheckFailedException); err == nil || errors.As(err, &older) {
		return nil
	}
	return fmt.Errorf("writing item %s of table %s: %w", heartbeatItem, t.name, err)
}

// LoadReport implements readiness.Store.
func (t Table) LoadReport(ctx context.Context) (readiness.Report, error) {
	item, err := t.get(ctx, readinessItem)
	if err != nil || item == nil {
		return readiness.Report{}, err
	}
	var report readiness.Report
	if err := json.Unmarshal([]byte(stringValue(item[documentAttribute])), &report); err != nil {
		return readiness.Report{}, fmt.Errorf("reading item %s of table %s: %w", readinessItem, t.name, err)
	}
	return report, nil
}

// SaveReport implements readiness.Store. The last of concurrent writes wins.
func (t Table) SaveReport(ctx context.Context, report readiness.Report) error {
	document, err := json.Marshal(report)
	if err == nil {
		_, err = t.items.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: aws.String(t.name),
			Item:      attributes{idAttribute: stringAttribute(readinessItem), documentAttribute: stringAttribute(string(document))},
		})
	}
	if err != nil {
		return fmt.Errorf("writing item %s of table %s: %w", readinessItem, t.name, err)
	}
	return nil
}

// get reads an item with a consistent read; nil when there is none.
func (t Table) get(ctx context.Context, id string) (attributes, error) {
	got, err := t.items.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(t.name), Key: attributes{idAttribute: stringAttribute(id)}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, fmt.Errorf("reading item %s of table %s: %w", id, t.name, err)
	}
	return got.Item, nil
}

func stringAttribute(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func numberAttribute(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// stringValue returns a string attribute; empty when it is missing.
func stringValue(a types.AttributeValue) string {
	if s, ok := a.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// numberValue returns a number attribute; zero when it is missing.
func numberValue(a types.AttributeValue) int64 {
	if n, ok := a.(*types.AttributeValueMemberN); ok {
		value, _ := strconv.ParseInt(n.Value, 10, 64) // DynamoDB takes nothing else than numbers
		return value
	}
	return 0
}
