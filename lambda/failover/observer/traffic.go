package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"warmstandby/shared/naming"
)

const (
	// trafficSpan is the time of which requests are counted: the last minute.
	trafficSpan = time.Minute
	// trafficPages bounds what is read of a busy application's log: ten thousand lines a page (CloudWatch Logs API Reference,
	// FilterLogEvents). A count that ends there says so.
	trafficPages = 5
)

// traffic is what a region's application has answered in the last minute, by its log.
type traffic struct {
	Region string `json:"region"`
	Reads  count  `json:"reads"`
	Writes count  `json:"writes"`
	// Partial says that there were more than were counted.
	Partial bool   `json:"partial,omitempty"`
	Error   string `json:"error,omitempty"`
}

// count counts answers; Bad are those with a status of 500 or more.
type count struct {
	Good int `json:"good"`
	Bad  int `json:"bad"`
}

func (w *watcher) traffic(ctx context.Context) (any, error) {
	namer, err := naming.New(w.deployed.Environment)
	if err != nil {
		return nil, err
	}
	var all []traffic
	for _, region := range [...]struct {
		name string
		role naming.Role
	}{{w.deployed.PrimaryRegion, naming.Primary}, {w.deployed.StandbyRegion, naming.Secondary}} {
		function, err := namer.Name(naming.Function, "app", string(region.role))
		if err != nil {
			return nil, fmt.Errorf("naming the application's function: %w", err)
		}
		limited, cancel := context.WithTimeout(ctx, feedTimeout/3)
		logs := cloudwatchlogs.NewFromConfig(in(w.settings, region.name))
		one, err := readTraffic(limited, logs, "/aws/lambda/"+function, time.Now().Add(-trafficSpan))
		cancel()
		if one.Region = region.name; err != nil {
			one.Error = err.Error()
		}
		all = append(all, one)
	}
	return all, nil
}

// readTraffic counts the requests in an application's log from a moment on.
func readTraffic(
	ctx context.Context, logs cloudwatchlogs.FilterLogEventsAPIClient, group string, from time.Time,
) (found traffic, err error) {
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(logs, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: aws.String(group), StartTime: aws.Int64(from.UnixMilli()), FilterPattern: aws.String(`"durationMs"`),
	})
	for read := 0; pages.HasMorePages(); read++ {
		if read == trafficPages {
			found.Partial = true
			break
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return found, fmt.Errorf("reading log group %s: %w", group, err)
		}
		for _, line := range page.Events {
			found.add([]byte(aws.ToString(line.Message)))
		}
	}
	return found, nil
}

// add counts a line of the log if it is a request for records. Health checks are none.
func (t *traffic) add(line []byte) {
	var request struct {
		Message, Method, Route string
		Status                 int
	}
	if json.Unmarshal(line, &request) != nil || request.Message != "request" || !strings.HasPrefix(request.Route, "/records") {
		return
	}
	of := &t.Writes
	if request.Method == http.MethodGet || request.Route == "/records/search" {
		of = &t.Reads
	}
	if request.Status >= http.StatusInternalServerError {
		of.Bad++
	} else {
		of.Good++
	}
}
