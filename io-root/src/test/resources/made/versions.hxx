// Classes of versions.root: VERSION 1 and 2
#include <map>
#include <string>
#include <vector>
#include "TClonesArray.h"
#include "TObject.h"

struct VerBase {
#if VERSION == 1
  int a = 0;
#else
  double b = 0;
  int a = 0;
#endif
  virtual ~VerBase() {}
  ClassDef(VerBase, VERSION)
};
struct VerHit : VerBase {
#if VERSION == 1
  float e = 0;
  int gone = 0;
  std::vector<short> v;
  short id = 0;
#else
  int id = 0;
  std::vector<short> v;
  std::string note;
  double e = 0;
  float grid[2] = {0, 0};
  std::vector<float> more;
#endif
  void set(int i, int k);
  ClassDef(VerHit, VERSION)
};
inline void VerHit::set(int i, int k) {
  a = 100 * i + k;
  e = i + 0.25f * k;
  v.assign(k, i);
  id = -k;
#if VERSION == 1
  gone = 7;
#else
  b = k - 0.5;
  note = "note " + std::to_string(i);
  grid[1] = i;
  more.assign(i % 2, 2.5f);
#endif
}
struct VerObject : TObject {
#if VERSION == 2
  float first = 0;
#endif
  int n = 0;
  VerHit hit;
  ClassDef(VerObject, VERSION)
};
struct VerOwner {
  int i = 0;
  VerHit hit;
  VerHit *behind = nullptr;
  std::vector<VerHit> hits;
  std::map<int, VerHit> byId;
};

#ifdef __CLING__
#pragma link C++ class VerBase+;
#pragma link C++ class VerHit+;
#pragma link C++ class VerObject+;
#pragma link C++ class VerOwner+;
#pragma link C++ class std::vector<VerHit>+;
#pragma link C++ class std::map<int, VerHit>+;
#pragma link C++ class std::vector<VerOwner>+;
#pragma link C++ class std::vector<VerHit *>+;
#endif
