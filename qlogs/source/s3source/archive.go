package s3source

import (
	"net/url"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// isArchived: the two classes that GetObject of AWS refuses until a restore has put a
// copy beside the object, which the restore status tells. Other stores have these names
// too, for classes that they serve, and need not tell the status. restores says that the
// absence of a status means that nothing is restored.
func isArchived(o types.Object, restores bool) bool {
	if o.StorageClass != types.ObjectStorageClassGlacier && o.StorageClass != types.ObjectStorageClassDeepArchive {
		return false
	}
	r := o.RestoreStatus
	if r == nil {
		return restores
	}
	return r.RestoreExpiryDate == nil || aws.ToBool(r.IsRestoreInProgress)
}

// hasRestoreStatus reports whether a page has the restore status of any object, which
// takes a store that has been asked for it and knows what it is.
func hasRestoreStatus(objects []types.Object) bool {
	for i := range objects {
		if objects[i].RestoreStatus != nil {
			return true
		}
	}
	return false
}

// tellsRestores reports whether the requests of api are known to go to AWS.
func tellsRestores(api API) bool {
	client, ok := api.(interface{ Options() s3.Options })
	if c, isClient := api.(*s3.Client); !ok || isClient && c == nil {
		return false
	}
	o := client.Options()
	//lint:ignore SA1019 a caller may have one of the old kind still
	if o.EndpointResolver != nil || o.EndpointResolverV2 != nil && reflect.TypeOf(o.EndpointResolverV2) != reflect.TypeOf(s3.NewDefaultEndpointResolverV2()) {
		return false
	}
	if o.BaseEndpoint == nil {
		return true
	}
	endpoint, err := url.Parse(*o.BaseEndpoint)
	return err == nil && isAWSHost(endpoint.Hostname())
}

// awsDomains are those of AWS's partitions, in which S3's endpoints are, those of VPCs
// and FIPS among them.
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
