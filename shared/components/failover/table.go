package failover

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/dynamodb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/encryption"
)

// itemKey is the table's only key. Its items are the controller's state and the last heartbeat.
const itemKey = "id"

// newTable builds the table of the controller's state. It is in the standby region alone: a copy in the primary could not be
// written during the primary's loss. Two items that are read and written each minute need no provisioned capacity.
func (c *Controller) newTable(ctx *pulumi.Context, args Args, key *encryption.Key) (pulumi.Resource, error) {
	table, err := dynamodb.NewTable(ctx, c.Table, &dynamodb.TableArgs{
		Name:        pulumi.String(c.Table),
		BillingMode: pulumi.String("PAY_PER_REQUEST"),
		HashKey:     pulumi.String(itemKey),
		Attributes: dynamodb.TableAttributeArray{dynamodb.TableAttributeArgs{
			Name: pulumi.String(itemKey), Type: pulumi.String("S"),
		}},
		PointInTimeRecovery:       dynamodb.TablePointInTimeRecoveryArgs{Enabled: pulumi.Bool(true)},
		ServerSideEncryption:      dynamodb.TableServerSideEncryptionArgs{Enabled: pulumi.Bool(true), KmsKeyArn: key.ARN},
		DeletionProtectionEnabled: pulumi.Bool(args.Protection),
	}, args.Regions.Standby.Durable(c, args.Protection)...)
	if err != nil {
		return nil, fmt.Errorf("building table %s: %w", c.Table, err)
	}
	return table, nil
}
