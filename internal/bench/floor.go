package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// The floors fetch and throw away: what the job costs without doing it.

// fetched is what one goroutine of a floor got.
type fetched struct{ objects, stored int64 }

// getSDK gets each key of a file with the SDK. The keys were listed before.
func getSDK(ctx context.Context, j job) (outcome, error) {
	client, err := newClient(ctx, j)
	if err != nil {
		return outcome{}, err
	}
	return floor(ctx, j, func(f *fetched, key string) error {
		out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &j.Bucket, Key: &key})
		if err != nil {
			return err
		}
		return f.discard(out.Body)
	})
}

// emptyHash is the SHA-256 of no bytes, which the signature of a GET covers.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// getRaw does so with nothing of the SDK but its signer.
func getRaw(ctx context.Context, j job) (outcome, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConns: idle, MaxIdleConnsPerHost: idle}}
	who, err := credentials.NewStaticCredentialsProvider(rootAccess, rootSecret, "").Retrieve(ctx)
	if err != nil {
		return outcome{}, err
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	return floor(ctx, j, func(f *fetched, key string) error {
		address := j.Endpoint + "/" + j.Bucket + "/" + (&url.URL{Path: key}).EscapedPath()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		req.Header.Set("X-Amz-Content-Sha256", emptyHash)
		req.Header.Set("Accept-Encoding", "identity")
		if err := signer.SignHTTP(ctx, who, req, emptyHash, "s3", region, time.Now()); err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK {
			resp.Body.Close()
			return fmt.Errorf("GET %q: %s", key, resp.Status)
		}
		return f.discard(resp.Body)
	})
}

func (f *fetched) discard(body io.ReadCloser) error {
	n, err := io.Copy(io.Discard, body)
	body.Close()
	f.objects++
	f.stored += n
	return err
}

func floor(ctx context.Context, j job, get func(*fetched, string) error) (outcome, error) {
	c := startClock()
	all, err := spread(ctx, j.InFlight, func(found func(string) error) error { return eachLine(j.List, found) },
		func() *fetched { return new(fetched) }, get)
	if err != nil {
		return outcome{}, err
	}
	var out outcome
	for _, f := range all {
		out.Objects += f.objects
		out.Stored += f.stored
	}
	c.stop(&out)
	return out, nil
}

func eachLine(name string, do func(string) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if err := do(lines.Text()); err != nil {
			return err
		}
	}
	return lines.Err()
}

// listSDK lists with the SDK's paginator, one page after the other. Count, if not
// 0, is after how many keys it may stop.
func listSDK(ctx context.Context, j job) (outcome, error) {
	client, err := newClient(ctx, j)
	if err != nil {
		return outcome{}, err
	}
	before := listCalls(j.Endpoint)
	c := startClock()
	var out outcome
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: &j.Bucket, Prefix: &j.Prefix})
	for pages.HasMorePages() && (j.Count == 0 || out.Objects < int64(j.Count)) {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return outcome{}, err
		}
		for _, o := range page.Contents {
			out.Objects++
			out.Stored += *o.Size
		}
	}
	c.stop(&out)
	out.Extra = map[string]float64{"calls": listCalls(j.Endpoint) - before}
	return out, nil
}

// listCalls asks the list server how many requests it had. Other servers do not tell.
func listCalls(endpoint string) float64 {
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport, Timeout: 10 * time.Second}).Get(strings.TrimSuffix(endpoint, "/") + statsPath)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	var n float64
	if _, err := fmt.Fscan(resp.Body, &n); err != nil {
		return 0
	}
	return n
}
