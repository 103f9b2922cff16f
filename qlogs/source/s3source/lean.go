package s3source

import (
	"context"
	"errors"
	"net/http"
	"os"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/tracing"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// A leanGet sends the first attempt of a GetObject without the SDK's middleware,
// which costs more than all else that is done for a small object. It sends what the
// SDK would, with the client's own credentials, signer, retryer and HTTP client, by
// the model of a request that the SDK made. What comes is taken if it is a 200; all
// else is handed to the SDK as the outcome of its own first attempt, or, if it is a
// refusal before the model's first 200, thrown away.
type leanGet struct {
	client  s3.HTTPClient
	creds   aws.CredentialsProvider
	signer  s3.HTTPSignerV4
	retryer aws.RetryerV2
	model   atomic.Pointer[requestModel] // nil until the SDK has made a request
	misses  atomic.Int32                 // models in a row that came to nothing
}

// maxMisses is after how many models that came to nothing there are no more: one may
// have been made of credentials that changed at that moment.
const maxMisses = 3

// newLeanGet returns nil if there is anything in the client's way of sending
// requests that the caller has added, and would miss.
func newLeanGet(api API) *leanGet {
	client, ok := api.(*s3.Client)
	if !ok {
		return nil
	}
	o := client.Options()
	retryer, ok := o.Retryer.(aws.RetryerV2)
	if !ok || isAdaptive(o) || o.Credentials == nil || !sdkEndpoints(o) || len(o.APIOptions) > 0 || hasInterceptors(o) || o.ClientLogMode != 0 {
		return nil
	}
	_, untraced := o.TracerProvider.(*tracing.NopTracerProvider)
	_, unmetered := o.MeterProvider.(metrics.NopMeterProvider)
	if !untraced || !unmetered {
		return nil
	}
	return &leanGet{client: o.HTTPClient, creds: o.Credentials, signer: o.HTTPSignerV4, retryer: retryer}
}

// sdkEndpoints tells whether it is the SDK that finds the endpoint of a request. A
// caller's resolver may find another one for each.
func sdkEndpoints(o s3.Options) bool {
	//lint:ignore SA1019 a caller may have one of the old kind still
	return o.EndpointResolver == nil && reflect.TypeOf(o.EndpointResolverV2) == reflect.TypeOf(s3.NewDefaultEndpointResolverV2())
}

// isAdaptive tells whether the retryer limits the rate of attempts: it would count one
// that failed twice, for the SDK counts what it is told. The SDK's own options, too, put
// wrappers around a retryer.
func isAdaptive(o s3.Options) bool {
	if o.RetryMode == aws.RetryModeAdaptive {
		return true
	}
	return embedsAdaptive(reflect.ValueOf(o.Retryer))
}

func embedsAdaptive(v reflect.Value) bool {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.Type() == reflect.TypeFor[*retry.AdaptiveMode]() {
			return true
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return false
	}
	for i := range v.NumField() {
		if v.Type().Field(i).Anonymous && embedsAdaptive(v.Field(i)) {
			return true
		}
	}
	return false
}

func hasInterceptors(o s3.Options) bool {
	lists := reflect.ValueOf(o.Interceptors)
	for i := range lists.NumField() {
		if list := lists.Field(i); list.Kind() != reflect.Slice || list.Len() > 0 {
			return true
		}
	}
	return false
}

// takes tells whether a request for o, from offset on, is one of the plain ones:
// those for a whole object whose key is the same in a URL.
func (l *leanGet) takes(o source.Object, offset int64) bool {
	return l != nil && l.misses.Load() < maxMisses && offset == 0 && o.VersionID == "" && isPlainKey(o.Key)
}

// isPlainKey tells whether a key is written in a URL as it is.
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

// send sends a request for o. It returns false if that is for the SDK to do, also
// where a request is refused that was sent before any by that model was granted.
func (l *leanGet) send(ctx context.Context, o source.Object) (outcome, bool) {
	m := l.model.Load()
	if m == nil {
		return outcome{}, false
	}
	if m.environment != os.Getenv(environmentName) {
		l.model.CompareAndSwap(m, nil) // no miss: it was right then
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
	_ = release(errNotPlain) // what it is, the SDK tells the retryer
	if got.refused() && !proven {
		got.discard()
		return got, false
	}
	return got, true
}

var errNotPlain = errors.New("not a plain answer")

// An outcome is what a request came to.
type outcome struct {
	model    *requestModel
	response *http.Response
	err      error
	told     bool // the SDK has it, and with it the body
}

// discard closes the body of an answer that the SDK is not told of. To read it to its
// end would keep its connection, but it may never end.
func (o *outcome) discard() {
	if !o.told && o.response != nil && o.response.Body != nil {
		o.response.Body.Close()
	}
}

// ok reports whether the answer is the object. Without a response or a body, as only an
// HTTP client of the caller's may answer, and with headers that may be an error, it is
// for the SDK to say what that is.
func (o outcome) ok() bool {
	return o.err == nil && o.response != nil && o.response.Body != nil && o.response.StatusCode == http.StatusOK &&
		!headersRefused(o.response.Header) && plainLength(o.response.Header)
}

// refused tells whether the store found fault with the request itself.
func (o outcome) refused() bool {
	return o.model != nil && o.err == nil && o.response != nil && o.response.StatusCode/100 == 4 && o.response.StatusCode != http.StatusTooManyRequests
}

// learn makes the SDK's request for a key the model of all others, unless there is one.
func (l *leanGet) learn(key string) func(*s3.Options) {
	misses := l.misses.Load()
	return func(o *s3.Options) {
		o.HTTPClient = doFunc(func(r *http.Request) (*http.Response, error) {
			sent := r
			if l.model.Load() == nil { // before the client changes it, as it will do with each request
				sent = r.Clone(r.Context())
			}
			response, err := l.client.Do(r)
			if got := (outcome{response: response, err: err}); sent != r && got.ok() && l.model.Load() == nil && !l.take(sent, key) {
				l.misses.CompareAndSwap(misses, misses+1) // one for all that learned at once
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

// miss drops a model whose request was refused where the SDK's own was not.
func (l *leanGet) miss(m *requestModel) {
	if l.model.CompareAndSwap(m, nil) {
		l.misses.Add(1)
	}
}

// tell gives the SDK the outcome of its first attempt. The others are its own.
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
