package s3source

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/tracing"
)

// API is the part of S3 that [New] needs. An *s3.Client satisfies it, and with
// it the caller owns credentials, Region, endpoint, HTTP client and retries.
type API interface {
	ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, opts ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// errNoAnswer is an error of a client that is not the SDK's: the SDK's never does so.
var errNoAnswer = errors.New("the S3 client returned no answer, and no error")

// regionOf returns the client's Region, or "" if the client does not show it.
func regionOf(api API) string {
	if c, ok := api.(interface{ Options() s3.Options }); ok {
		return c.Options().Region
	}
	return ""
}

// tellsRestores reports whether the requests of api are known to go to AWS, whose
// listings say which archived objects are restored.
func tellsRestores(api API) bool {
	endpoint, known := endpointOf(api)
	return known && isAWS(endpoint)
}

// foreignEndpoint returns "@" and the endpoint of api, or "" if that is one of AWS or is not
// known.
func foreignEndpoint(api API) string {
	endpoint, known := endpointOf(api)
	if !known || isAWS(endpoint) {
		return ""
	}
	host := strings.ToLower(endpoint.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	switch port := endpoint.Port(); {
	case port == "", endpoint.Scheme == "https" && port == "443", endpoint.Scheme == "http" && port == "80":
	default:
		host += ":" + port
	}
	return "@" + strings.ToLower(endpoint.Scheme) + "://" + host + strings.TrimSuffix(endpoint.EscapedPath(), "/")
}

// endpointOf returns the endpoint that the caller has set for api, nil for the SDK's own, and
// whether that is known: not if api does not show its options, or finds endpoints in a way
// of its own.
func endpointOf(api API) (endpoint *url.URL, known bool) {
	client, ok := api.(interface{ Options() s3.Options })
	if c, isClient := api.(*s3.Client); !ok || isClient && c == nil {
		return nil, false
	}
	o := client.Options()
	if o.EndpointResolverV2 == nil { // as in the options of a client that is not the SDK's
		o.EndpointResolverV2 = s3.NewDefaultEndpointResolverV2()
	}
	if !sdkEndpoints(o) {
		return nil, false
	}
	if o.BaseEndpoint == nil {
		return nil, true
	}
	endpoint, err := url.Parse(*o.BaseEndpoint)
	return endpoint, err == nil
}

// isAWS reports whether an endpoint is AWS's; nil is the SDK's own.
func isAWS(endpoint *url.URL) bool { return endpoint == nil || isAWSHost(endpoint.Hostname()) }

// awsDomains are the domains of AWS's partitions. All endpoints of S3 are in them, also
// FIPS endpoints and those in VPCs.
var awsDomains = []string{
	"amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "api.aws", "api.amazonwebservices.com.cn",
	"c2s.ic.gov", "sc2s.sgov.gov", "cloud.adc-e.uk", "csp.hci.ic.gov",
}

func isAWSHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, domain := range awsDomains {
		if strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}

// sdkEndpoints reports whether the SDK finds the endpoint of each request. A resolver of
// the caller's may find another one for each.
func sdkEndpoints(o s3.Options) bool {
	//lint:ignore SA1019 a caller may have one of the old kind still
	return o.EndpointResolver == nil && reflect.TypeOf(o.EndpointResolverV2) == reflect.TypeOf(s3.NewDefaultEndpointResolverV2())
}

// isWatched reports whether the caller traces or meters the SDK's work.
func isWatched(o s3.Options) bool {
	_, untraced := o.TracerProvider.(*tracing.NopTracerProvider)
	_, unmetered := o.MeterProvider.(metrics.NopMeterProvider)
	return !untraced || !unmetered
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

// isAdaptive reports whether the retryer limits the rate of attempts. The SDK's own
// options, too, put wrappers around a retryer.
func isAdaptive(o s3.Options) bool {
	return o.RetryMode == aws.RetryModeAdaptive || embedsAdaptive(reflect.ValueOf(o.Retryer))
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
