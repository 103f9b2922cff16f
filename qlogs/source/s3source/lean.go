package s3source

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// A leanGet sends the first attempt of a GetObject without the SDK's middleware, which
// costs more than everything else that is done for a small object. It sends what the
// SDK would send: it takes a request of the SDK's as its model, and uses the client's own
// credentials, signer, retryer and HTTP client. An answer of status 200 is taken. Any other
// outcome is handed to the SDK as that of its own first attempt, except for a refusal
// before the model's first 200, which is thrown away.
type leanGet struct {
	client  s3.HTTPClient
	creds   aws.CredentialsProvider
	signer  s3.HTTPSignerV4
	retryer aws.RetryerV2
	model   atomic.Pointer[requestModel] // nil until the SDK has made a request
	misses  atomic.Int32                 // models in a row that failed
}

// maxMisses is how many models may fail in a row; after that there are no more. One alone
// may have been made while the credentials changed.
const maxMisses = 3

// newLeanGet returns nil if the caller has added anything to the client that requests
// without the SDK's middleware would leave out.
func newLeanGet(api API) *leanGet {
	client, ok := api.(*s3.Client)
	if !ok {
		return nil
	}
	o := client.Options()
	retryer, ok := o.Retryer.(aws.RetryerV2)
	// An adaptive retryer would count a failed attempt twice: the SDK counts the one that it
	// is handed, too.
	if !ok || isAdaptive(o) || o.Credentials == nil || !sdkEndpoints(o) || len(o.APIOptions) > 0 || hasInterceptors(o) || o.ClientLogMode != 0 || isWatched(o) {
		return nil
	}
	return &leanGet{client: o.HTTPClient, creds: o.Credentials, signer: o.HTTPSignerV4, retryer: retryer}
}

// takes reports whether a request for o, from offset on, is a plain one: for a whole
// object whose key is the same in a URL.
func (l *leanGet) takes(o source.Object, offset int64) bool {
	return l != nil && l.misses.Load() < maxMisses && offset == 0 && o.VersionID == "" && isPlainKey(o.Key)
}

// isPlainKey reports whether a key is the same in a URL.
func isPlainKey(key string) bool {
	for i := range len(key) {
		switch c := key[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '/':
		case c == '.' && i > 0 && key[i-1] != '/': // no "." and ".." elements
		default:
			return false
		}
	}
	return true
}

// send sends a request for o. It returns false if the SDK is to send it instead. One reason
// is a refusal before the first success with that model.
func (l *leanGet) send(ctx context.Context, o source.Object) (outcome, bool) {
	m := l.model.Load()
	if m == nil {
		return outcome{}, false
	}
	if m.environment != os.Getenv(environmentName) {
		l.model.CompareAndSwap(m, nil) // no miss: the model was right until now
		return outcome{}, false
	}
	creds, err := l.creds.Retrieve(ctx)
	if err != nil {
		return outcome{}, false
	}
	r := m.request(ctx, o.Key, o.ETag)
	if err := nameInvocation(ctx, r); err != nil {
		return outcome{}, false
	}
	if err := l.signer.SignHTTP(ctx, creds, r, m.hash, m.service, m.region, time.Now()); err != nil {
		return outcome{}, false
	}
	release, err := l.retryer.GetAttemptToken(ctx)
	if err != nil {
		return outcome{}, false
	}
	got, proven := outcome{model: m}, m.proven.Load()
	got.response, got.err = l.client.Do(r)
	if got.ok() {
		_ = release(nil)
		if !proven && m.proven.CompareAndSwap(false, true) && l.model.Load() == m {
			l.misses.Store(0)
		}
		return got, true
	}
	_ = release(errNotPlain) // the SDK tells the retryer what it is
	if got.refused() && !proven {
		got.discard()
		return got, false
	}
	return got, true
}

var errNotPlain = errors.New("not a plain answer")

// An outcome is the answer to a request, or its error.
type outcome struct {
	model    *requestModel
	response *http.Response
	err      error
	told     bool // the SDK has it, and closes the body
}

// discard closes the body of an answer that the SDK does not get. Reading the body to its
// end would keep the connection, but it may never end.
func (o *outcome) discard() {
	if !o.told && o.response != nil && o.response.Body != nil {
		o.response.Body.Close()
	}
}

// ok reports whether the answer is the object. The SDK decides what to make of headers that
// may be an error, and of an answer without a response or a body, as only a caller's own
// HTTP client may give.
func (o outcome) ok() bool {
	return o.err == nil && o.response != nil && o.response.Body != nil && o.response.StatusCode == http.StatusOK &&
		!headersRefused(o.response.Header) && plainLength(o.response.Header)
}

// refused reports whether the store found fault with the request itself.
func (o outcome) refused() bool {
	return o.model != nil && o.err == nil && o.response != nil && o.response.StatusCode/100 == 4 && o.response.StatusCode != http.StatusTooManyRequests
}

// learn makes the SDK's request for a key the model of later ones, unless there is a model.
func (l *leanGet) learn(key string) func(*s3.Options) {
	misses := l.misses.Load()
	return func(o *s3.Options) {
		o.HTTPClient = doFunc(func(r *http.Request) (*http.Response, error) {
			sent := r
			if l.model.Load() == nil { // before the client changes it, which it will do to each request
				sent = r.Clone(r.Context())
			}
			response, err := l.client.Do(r)
			if got := (outcome{response: response, err: err}); sent != r && got.ok() && l.model.Load() == nil && !l.take(sent, key) {
				l.misses.CompareAndSwap(misses, misses+1) // one miss for all that learned at once
			}
			return response, err
		})
	}
}

func (l *leanGet) take(r *http.Request, key string) bool {
	creds, err := l.creds.Retrieve(r.Context())
	if err != nil {
		return false
	}
	m, ok := newRequestModel(r.Context(), r, key, l.signer, creds)
	if ok {
		l.model.CompareAndSwap(nil, m)
	}
	return ok
}

// miss drops a model whose request was refused although the SDK's own was not.
func (l *leanGet) miss(m *requestModel) {
	if l.model.CompareAndSwap(m, nil) {
		l.misses.Add(1)
	}
}

// tell gives the SDK the outcome of its first attempt. The SDK makes further ones itself.
func (l *leanGet) tell(first *outcome) func(*s3.Options) {
	return func(o *s3.Options) {
		o.HTTPClient = doFunc(func(r *http.Request) (*http.Response, error) {
			if first.told {
				return l.client.Do(r)
			}
			first.told = true
			return first.response, first.err
		})
	}
}

type doFunc func(*http.Request) (*http.Response, error)

func (f doFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }
