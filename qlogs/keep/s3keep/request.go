package s3keep

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// API is the part of S3 that [CursorObject] needs. An *s3.Client satisfies it, and with it the
// caller owns credentials, Region, endpoint, HTTP client and retries.
type API interface {
	GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(ctx context.Context, in *s3.PutObjectInput, opts ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// maxTries is how often one request is made, whatever the client's retryer does for each.
const maxTries = 5

// timeout is how long one try may take whose body has that size.
func timeout(size int) time.Duration {
	return 10*time.Second + time.Duration(size>>20)*time.Second
}

// pause waits before another try. It fails with the cause of ctx.
func pause(ctx context.Context, tries int) error {
	most := 100 * time.Millisecond << tries
	timer := time.NewTimer(most/2 + rand.N(most/2))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

var (
	errSlow     = errors.New("the store has not answered in time")
	errBroken   = errors.New("the answer broke off")
	errNoAnswer = errors.New("the S3 client returned no answer, and no error")
)

// An object is where the cursor lies.
type object struct {
	api         API
	bucket, key string
	opts        Options
}

func (o *object) uri() string { return "s3://" + o.bucket + "/" + o.key }

// A version is what the object held at some time.
type version struct {
	body     []byte
	etag     string
	modified time.Time
}

// within makes one try, for no longer than d. An error is errSlow if the time is over, the
// cause of ctx if ctx is done, and otherwise that of f.
func within(ctx context.Context, d time.Duration, f func(context.Context) error) error {
	inner, cancel := context.WithTimeoutCause(ctx, d, errSlow)
	defer cancel()
	err := f(inner)
	if err != nil && inner.Err() != nil {
		return context.Cause(inner)
	}
	return err
}

// get returns what the object holds, and whether there is one. Errors say what to do.
func (o *object) get(ctx context.Context, most time.Duration) (v version, found bool, err error) {
	for tries := 1; ; tries++ {
		err = within(ctx, most, func(ctx context.Context) (err error) {
			v, err = o.getOnce(ctx)
			return err
		})
		if !errors.Is(err, errSlow) && !errors.Is(err, errBroken) || tries == maxTries {
			break
		}
		if err := pause(ctx, tries); err != nil {
			return version{}, false, err
		}
	}
	switch {
	case err == nil:
		return v, true, nil
	case code(err) == "NoSuchKey": // and no other: an answer 404 may come from anything on the way
		return version{}, false, nil
	}
	return version{}, false, explain(err, reading, o.opts.ExpectedBucketOwner)
}

func (o *object) getOnce(ctx context.Context) (version, error) {
	in := &s3.GetObjectInput{Bucket: &o.bucket, Key: &o.key, ExpectedBucketOwner: o.owner(), RequestPayer: o.payer()}
	out, err := o.api.GetObject(ctx, in)
	if err != nil {
		return version{}, err
	}
	if out == nil || out.Body == nil {
		return version{}, errNoAnswer
	}
	defer out.Body.Close()
	tooLarge := fmt.Errorf("the object is larger than %d MiB, so it is no cursor: look at what else writes it", maxBody>>20)
	if aws.ToInt64(out.ContentLength) > maxBody {
		return version{}, tooLarge
	}
	body, err := io.ReadAll(io.LimitReader(out.Body, maxBody+1))
	switch {
	case err != nil:
		return version{}, fmt.Errorf("%w: %w", errBroken, err)
	case len(body) > maxBody:
		return version{}, tooLarge
	}
	return version{body: body, etag: strong(aws.ToString(out.ETag)), modified: aws.ToTime(out.LastModified)}, nil
}

// putOnce writes the object if it is the one of that ETag, or if there is none and etag is
// "". It returns the ETag of what it has written. Its errors are those of the client.
func (o *object) putOnce(ctx context.Context, body []byte, etag string) (written string, err error) {
	in := &s3.PutObjectInput{
		ContentType:         aws.String("text/plain"),
		ExpectedBucketOwner: o.owner(), RequestPayer: o.payer(),
	}
	if o.opts.Put != nil {
		o.opts.Put(in)
	}
	in.Bucket, in.Key, in.Body = &o.bucket, &o.key, bytes.NewReader(body)
	in.IfMatch, in.IfNoneMatch = nil, nil
	if etag == "" {
		in.IfNoneMatch = aws.String("*")
	} else {
		in.IfMatch = &etag
	}
	err = within(ctx, timeout(len(body)), func(ctx context.Context) error {
		out, err := o.api.PutObject(ctx, in)
		if err == nil && out == nil {
			return errNoAnswer
		}
		if err == nil {
			written = strong(aws.ToString(out.ETag))
		}
		return err
	})
	return written, err
}

func (o *object) owner() *string {
	if o.opts.ExpectedBucketOwner == "" {
		return nil
	}
	return &o.opts.ExpectedBucketOwner
}

func (o *object) payer() types.RequestPayer {
	if o.opts.RequesterPays {
		return types.RequestPayerRequester
	}
	return ""
}

// strong returns an ETag as a condition needs it. Not all stores quote it, and what
// compresses answers on the way makes it a weak one, which no condition matches.
func strong(tag string) string {
	tag = strings.Trim(strings.TrimPrefix(tag, "W/"), `"`)
	if tag == "" {
		return ""
	}
	return `"` + tag + `"`
}
