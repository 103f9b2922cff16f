package main

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

// startServer starts the SQS server of internal/sqsserver, which ends with the test, and
// returns its URL.
func startServer(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("node", "server.mjs")
	cmd.Dir = filepath.Join("..", "..", "internal", "sqsserver")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe() // the server ends when it is closed, or this process ends
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the SQS server: %v: install Node.js", err)
	}
	t.Cleanup(func() {
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("SQS server: %v: %s", err, &stderr)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the SQS server gave no address: run npm ci in %s: %v: %s", cmd.Dir, err, &stderr)
	}
	return strings.TrimSpace(line)
}

// newServerQueue makes a queue on a server of its own. left is how many messages it has.
func newServerQueue(t *testing.T) (client *sqs.Client, url string, left func() int) {
	t.Helper()
	endpoint := startServer(t)
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	t.Cleanup(transport.CloseIdleConnections)
	client = sqs.New(sqs.Options{
		BaseEndpoint: &endpoint,
		Region:       s3test.Region,
		Credentials:  credentials.NewStaticCredentialsProvider("key", "secret", ""),
		HTTPClient:   &http.Client{Transport: transport},
	})
	out, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("prompt-logs")})
	if err != nil {
		t.Fatal(err)
	}
	return client, *out.QueueUrl, func() int {
		// With this server, unlike SQS, it counts those that are in flight too.
		const all = types.QueueAttributeNameApproximateNumberOfMessages
		a, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: out.QueueUrl, AttributeNames: []types.QueueAttributeName{all}})
		if err != nil {
			t.Error(err)
			return -1
		}
		n, err := strconv.Atoi(a.Attributes[string(all)])
		if err != nil {
			t.Error(err)
		}
		return n
	}
}

// onServer reports whether the tests run on the SQS server too.
func onServer() bool { return os.Getenv("QLOGS_TEST_SQS") == "1" }
