package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

func TestKeyspace(t *testing.T) {
	k := newKeyspace(20_000)
	hours := map[string]int{}
	last := ""
	for i := range k.len() {
		key := k.key(i)
		if key <= last {
			t.Fatalf("key %d is %q, after %q: want ascending ones", i, key, last)
		}
		if got := k.search(key); got != i {
			t.Fatalf("search(%q) = %d, want %d", key, got, i)
		}
		hours[key[:strings.LastIndex(key, "/")]]++
		last = key
	}
	var busy, quiet int
	for hour, n := range hours {
		switch {
		case strings.HasSuffix(hour, "/10"):
			busy += n
		case strings.HasSuffix(hour, "/03"):
			quiet += n
		}
	}
	if k.len() != 20_000 || quiet == 0 || busy < 4*quiet {
		t.Errorf("%d keys, %d of them at ten and %d at three: want 20,000, and a day busier than the night", k.len(), busy, quiet)
	}
}

// TestListServer compares the list server with another one, request by request.
func TestListServer(t *testing.T) {
	k := newKeyspace(2500)
	mem := s3test.New()
	for i := range k.len() {
		mem.Put("bench", k.key(i), []byte("x"))
	}
	defer mem.Close()
	server := httptest.NewServer(newListServer(k, 0))
	defer server.Close()
	part := k.part.String()
	for _, in := range []s3.ListObjectsV2Input{
		{},
		{Prefix: aws.String("prompt-logs/"), Delimiter: aws.String("/")},
		{Prefix: &part},
		{Prefix: &part, Delimiter: aws.String("/")},
		{Prefix: aws.String(part + "2026/03/"), Delimiter: aws.String("/"), MaxKeys: aws.Int32(7)},
		{Prefix: &part, StartAfter: aws.String(k.key(1200)), MaxKeys: aws.Int32(333)},
		{Prefix: &part, StartAfter: aws.String(part + "2026/04/")},
		{Prefix: aws.String(part + "2026/03/05/"), EncodingType: types.EncodingTypeUrl},
		{Prefix: &part, StartAfter: aws.String(k.key(2499))},
		{Prefix: aws.String("other/")},
	} {
		in.Bucket = aws.String("bench")
		got, want := listed(t, server.URL, in), listed(t, mem.URL(), in)
		if !slices.Equal(got, want) {
			t.Errorf("prefix %q, delimiter %q, after %q: %d keys and folders, want %d as the other server has them",
				aws.ToString(in.Prefix), aws.ToString(in.Delimiter), aws.ToString(in.StartAfter), len(got), len(want))
		}
	}
	for _, query := range []string{"", "?list-type=2&delimiter=x", "?list-type=2&max-keys=x", "?list-type=2&continuation-token=%25"} {
		resp, err := http.Get(server.URL + "/bench" + query)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode < 400 {
			t.Errorf("GET /bench%s = %s, want an error", query, resp.Status)
		}
	}
}

// listed returns the pages of a listing, keys and folders in turn.
func listed(t *testing.T, endpoint string, in s3.ListObjectsV2Input) []string {
	t.Helper()
	client, err := newClient(t.Context(), job{Endpoint: endpoint, Client: clientDefault})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	pages := s3.NewListObjectsV2Paginator(client, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint("page of ", aws.ToInt32(page.KeyCount)))
		for _, o := range page.Contents {
			all = append(all, *o.Key)
			if o.ETag == nil || o.Size == nil || o.LastModified == nil {
				t.Fatalf("%q has no ETag, size or time", *o.Key)
			}
		}
		for _, p := range page.CommonPrefixes {
			all = append(all, *p.Prefix)
		}
	}
	return all
}

func TestProxy(t *testing.T) {
	var host string
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host = r.Host
		fmt.Fprint(w, r.URL.Path)
	}))
	defer target.Close()
	spec := proxySpec{Target: target.URL, Latency: 20 * time.Millisecond, Slow: 100, Factor: 5}
	handler, err := spec.handler()
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(handler)
	defer proxy.Close()
	slow, n := 0, 20_000
	path := ""
	for i := range n {
		if key := fmt.Sprintf("/bench/key%d", i); spec.slow(key) {
			slow++
			path = key
		}
	}
	if slow < n/150 || slow > n/70 {
		t.Errorf("%d of %d keys are slow, want about one in a hundred", slow, n)
	}
	for _, tt := range []struct {
		path  string
		least time.Duration
	}{{"/bench/key", spec.Latency}, {path, 5 * spec.Latency}, {"/bench?list-type=2", 0}} {
		begin := time.Now()
		if got := get(t.Context(), t, proxy.URL+tt.path); !strings.HasPrefix(tt.path, got) || got == "" {
			t.Errorf("GET %s = %q, want the target's answer", tt.path, got)
		}
		if took := time.Since(begin); took < tt.least {
			t.Errorf("GET %s took %v, want at least %v", tt.path, took, tt.least)
		}
	}
	if want := strings.TrimPrefix(proxy.URL, "http://"); host != want {
		t.Errorf("the target sees the host %q, want %q, which a signature covers", host, want)
	}
}

func get(ctx context.Context, t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body strings.Builder
	if err := resp.Write(&body); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(body.String(), "\r\n\r\n")
	return text
}
