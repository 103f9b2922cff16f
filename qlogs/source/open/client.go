package open

import (
	"cmp"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// httpClient returns one that keeps the connections of a scan open: the SDK's own keeps 10.
func (o *Options) httpClient() *awshttp.BuildableClient {
	const least, inFlight, lists = 100, 64, 12
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = max(least, cmp.Or(o.InFlight, inFlight)+cmp.Or(o.Lists, lists))
		t.MaxIdleConns = 0 // no other bound
	})
}

func (o *Options) client(cfg aws.Config) *s3.Client {
	return s3.NewFromConfig(cfg, func(c *s3.Options) {
		c.UsePathStyle = o.PathStyle
		if o.Endpoint != "" {
			c.BaseEndpoint = &o.Endpoint
		}
	})
}
