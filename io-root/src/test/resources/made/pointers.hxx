// Classes of pointers.root
#include <map>
#include <memory>
#include <string>
#include <vector>
#include "TClonesArray.h"
#include "TList.h"
#include "TLorentzVector.h"
#include "TNamed.h"
#include "TObjArray.h"
#include "TObjString.h"

struct PHit {
  int id = 0;
  float e = 0;
};
class PTrack : public TObject {
public:
  int id = 0;
  double pt = 0;
  ClassDefOverride(PTrack, 2)
};
class PMuon : public PTrack {
public:
  int chamber = 0;
  std::vector<short> hits;
  ClassDefOverride(PMuon, 1)
};
struct PNode {
  int value = 0;
  std::vector<int> values;
  PNode *next = nullptr;
  PNode *other = nullptr;
};
struct POwner {
  int n = 0;
  PHit *none = nullptr;
  PHit *one = nullptr;
  PHit *same = nullptr;
  PHit *inPlace = nullptr;  //->
  PTrack *track = nullptr;
  TNamed *named = nullptr;
  std::vector<PHit *> hits;
  std::vector<PTrack *> tracks;
  PNode *list = nullptr;
  TObjArray array;
  TList names;
  TClonesArray clones{"PTrack"};
  std::vector<int> pair[2];
  PHit *two[2] = {nullptr, nullptr};
  std::map<int, PHit *> byId;
  int m = 0;
  PHit *loop = nullptr;  //[m]
  std::vector<float> *numbers = nullptr;
  std::unique_ptr<PHit> owned;
  std::string words[2];
};
