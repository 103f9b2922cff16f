package s3source_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyendpoints "github.com/aws/smithy-go/endpoints"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// TestArchiveTier: the listing does not tell that an object of the class
// INTELLIGENT_TIERING is in one of its archive tiers. S3's answer does.
func TestArchiveTier(t *testing.T) {
	s := newServer(t, 1)
	s.SetStorageClass("logs", s.keys[0], "INTELLIGENT_TIERING", false)
	s.fail("GetObject", s3mem.Fault{Status: http.StatusForbidden, Code: "InvalidObjectState"})
	o := find(t, s.source(nil), s.keys[0])
	_, err := read(t.Context(), s.source(nil), o, 0)
	if o.Archived || !errors.Is(err, source.ErrArchived) || errors.Is(err, fs.ErrPermission) {
		t.Errorf("Open(%+v) error = %v, want one that is %v and not %v", o, err, source.ErrArchived, fs.ErrPermission)
	}
}

func TestRestoreStates(t *testing.T) {
	expiry := time.Now().Add(time.Hour)
	for _, tt := range []struct {
		name   string
		class  types.ObjectStorageClass
		status *types.RestoreStatus
		want   bool
	}{
		{"standard", types.ObjectStorageClassStandard, nil, false},
		{"no class", "", nil, false},
		{"instant retrieval", types.ObjectStorageClassGlacierIr, nil, false},
		{"tiering", types.ObjectStorageClassIntelligentTiering, nil, false},
		{"glacier", types.ObjectStorageClassGlacier, nil, true},
		{"deep archive", types.ObjectStorageClassDeepArchive, nil, true},
		{"being restored", types.ObjectStorageClassGlacier, &types.RestoreStatus{IsRestoreInProgress: aws.Bool(true)}, true},
		{"restored", types.ObjectStorageClassGlacier, &types.RestoreStatus{IsRestoreInProgress: aws.Bool(false), RestoreExpiryDate: &expiry}, false},
		{"restored, deep archive", types.ObjectStorageClassDeepArchive, &types.RestoreStatus{RestoreExpiryDate: &expiry}, false},
	} {
		api := &stub{pages: []*s3.ListObjectsV2Output{{Contents: []types.Object{{Key: aws.String("k"), StorageClass: tt.class, RestoreStatus: tt.status}}}}}
		objs, err := list(t, s3source.New(shownStub{api, s3.Options{Region: "eu-west-1"}}, "logs", nil), source.ListInput{})
		if err != nil || len(objs) != 1 || objs[0].Archived != tt.want || objs[0].StorageClass != string(tt.class) {
			t.Errorf("%s: List = %+v, %v, want Archived = %t", tt.name, objs, err, tt.want)
		}
	}
}

type archiveResolver struct{}

func (archiveResolver) ResolveEndpoint(context.Context, s3.EndpointParameters) (smithyendpoints.Endpoint, error) {
	return smithyendpoints.Endpoint{}, nil
}

// TestArchivedByEndpoint: a class alone says that an object is archived where the listing
// would say otherwise if it were restored, which is so at AWS.
func TestArchivedByEndpoint(t *testing.T) {
	at := func(endpoint string) func(s3source.API) s3source.API {
		return func(api s3source.API) s3source.API {
			return shownStub{api, s3.Options{BaseEndpoint: &endpoint}}
		}
	}
	for _, tt := range []struct {
		name string
		api  func(s3source.API) s3source.API
		aws  bool
	}{
		{"no endpoint", func(api s3source.API) s3source.API { return shownStub{api, s3.Options{Region: "eu-west-1"}} }, true},
		{"a client with its defaults", func(api s3source.API) s3source.API { return shownStub{api, s3.New(s3.Options{}).Options()} }, true},
		{"regional", at("https://s3.eu-west-1.amazonaws.com"), true},
		{"with a port", at("https://s3.eu-west-1.amazonaws.com:443/"), true},
		{"upper case", at("https://S3.EU-WEST-1.AMAZONAWS.COM"), true},
		{"dual stack", at("https://s3.dualstack.eu-west-1.amazonaws.com"), true},
		{"FIPS", at("https://s3-fips.us-gov-west-1.amazonaws.com"), true},
		{"of a VPC", at("https://bucket.vpce-0a1b2c3d-4e5f6a7b.s3.us-east-1.vpce.amazonaws.com"), true},
		{"China", at("https://s3.cn-north-1.amazonaws.com.cn"), true},
		{"api.aws", at("https://s3.us-east-1.api.aws"), true},
		{"another store", at("https://objects.example.com"), false},
		{"of this machine", at("http://127.0.0.1:9000"), false},
		{"AWS's name before another", at("https://s3.amazonaws.com.example.com"), false},
		{"AWS's name at the end of another", at("https://notamazonaws.com"), false},
		{"no URL", at("://"), false},
		{"a resolver of the caller's", func(api s3source.API) s3source.API {
			return shownStub{api, s3.Options{EndpointResolverV2: archiveResolver{}}}
		}, false},
		{"without options", func(api s3source.API) s3source.API { return api }, false},
	} {
		for _, class := range []types.ObjectStorageClass{types.ObjectStorageClassGlacier, types.ObjectStorageClassDeepArchive} {
			for _, status := range []struct {
				name   string
				status *types.RestoreStatus
				want   bool
			}{
				{"none", nil, tt.aws},
				{"in progress", &types.RestoreStatus{IsRestoreInProgress: aws.Bool(true)}, true},
				{"restored", &types.RestoreStatus{IsRestoreInProgress: aws.Bool(false), RestoreExpiryDate: aws.Time(time.Now().Add(time.Hour))}, false},
			} {
				stub := &stub{pages: []*s3.ListObjectsV2Output{{Contents: []types.Object{{Key: aws.String("k"), StorageClass: class, RestoreStatus: status.status}}}}}
				objs, err := list(t, s3source.New(tt.api(stub), "logs", nil), source.ListInput{})
				if err != nil || len(objs) != 1 || objs[0].Archived != status.want {
					t.Errorf("%s, %s, status %s: List = %+v, %v, want Archived = %t", tt.name, class, status.name, objs, err, status.want)
				}
			}
		}
	}
}
